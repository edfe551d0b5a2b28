// Named imports would keep React 17 from loading this file, which then could not name the version.
import * as React from 'react';
import type { Auth } from '../auth.js';
import type { ClientSource } from './client-owner.js';

/** A value of a client that components show. */
export interface Reading<T> {
  /** The value without a client: on a server, while hydrating, and before the first effect. */
  readonly beforehand: T;
  readonly read: (auth: Auth) => T;
  /** Whether a component does not need to render again. */
  readonly isSame: (a: T, b: T) => boolean;
  readonly watch: (auth: Auth, changed: () => void) => () => void;
}

/**
 * A value of one client in the form that `useSyncExternalStore` needs: the same object until the value
 * changes.
 */
export interface ExternalValue<T> {
  readonly subscribe: (changed: () => void) => () => void;
  readonly current: () => T;
  readonly beforehand: () => T;
}

export function externalValue<T>(source: ClientSource, reading: Reading<T>): ExternalValue<T> {
  const { beforehand, read, isSame, watch } = reading;
  let last = beforehand;
  return {
    subscribe: (changed) => watch(source.auth, changed),
    current() {
      const { made } = source;
      const now = made === undefined ? beforehand : read(made);
      if (!isSame(last, now)) last = now;
      return last;
    },
    beforehand: () => beforehand,
  };
}

export function useExternalValue<T>({ subscribe, current, beforehand }: ExternalValue<T>): T {
  return React.useSyncExternalStore(subscribe, current, beforehand);
}
