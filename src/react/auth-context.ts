import { type Context, createContext, useContext } from 'react';
import type { Auth } from '../auth.js';
import type { AuthState } from '../client/auth-state.js';
import type { ConnectionAdapter, ConnectionState } from '../connection/port.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { TokenDetails } from '../token/token-details.js';
import type { ClientSource } from './client-owner.js';
import { type ExternalValue, externalValue } from './external-value.js';
import {
  clientIdReading,
  connectionReading,
  connectionStateReading,
  stateReading,
  tokenReading,
} from './readings.js';

/** One client, and the values of it that components read. */
export interface Provided {
  readonly auth: Auth;
  readonly state: ExternalValue<AuthState>;
  readonly token: ExternalValue<TokenDetails | null>;
  readonly clientId: ExternalValue<string | null>;
  readonly connection: ExternalValue<ConnectionAdapter | null>;
  readonly connectionState: ExternalValue<ConnectionState | null>;
}

/** The contexts by the function of React that made them. Copies of the package share the context of one React. */
const contexts: WeakMap<typeof createContext, Context<Provided | null>> = shared(
  'latchkey.react.1',
  () => new WeakMap(),
);

export const AuthContext = contexts.get(createContext) ?? createContext<Provided | null>(null);
AuthContext.displayName = 'AuthContext';
contexts.set(createContext, AuthContext);

/** A value of the global object, made by the first copy that asks. */
function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(name);
  const value: T = Reflect.get(globalThis, key) ?? make();
  Reflect.set(globalThis, key, value);
  return value;
}

export function provided(source: ClientSource): Provided {
  return {
    auth: source.auth,
    state: externalValue(source, stateReading),
    token: externalValue(source, tokenReading),
    clientId: externalValue(source, clientIdReading),
    connection: externalValue(source, connectionReading),
    connectionState: externalValue(source, connectionStateReading),
  };
}

/** The client of the nearest provider. @throws {ErrorInfo} 40106 if there is none */
export function useProvided(): Provided {
  const value = useContext(AuthContext);
  if (value !== null) return value;
  throw new ErrorInfo({
    code: 40106,
    message: 'there is no AuthProvider above this component',
    remediation: 'Render it inside <AuthProvider auth={…}> or <AuthProvider create={…}>.',
  });
}
