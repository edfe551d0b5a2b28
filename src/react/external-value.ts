import { useSyncExternalStore } from 'react';
import type { Auth } from '../auth.js';
import type { ClientSource } from './client-owner.js';

/** Something of a client that components show. */
export interface Reading<T> {
  /** While there is no client: on a server, while hydrating, before the first effect. */
  readonly beforehand: T;
  readonly read: (auth: Auth) => T;
  /** Whether nobody needs to render again. */
  readonly isSame: (a: T, b: T) => boolean;
  readonly watch: (auth: Auth, changed: () => void) => () => void;
}

/** A reading of one client, as `useSyncExternalStore` wants it: the same object until it is another. */
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
  return useSyncExternalStore(subscribe, current, beforehand);
}
