import type { ConnectionAdapter } from '../connection/port.js';
import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The client's connection; null without one, on a server, and in a first render. Mounting a component that uses it
 * makes the client, and with it a connection that is the client's.
 *
 * @typeParam Connection the class of the connection: it is not checked
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import type { RealtimeConnection } from 'latchkey/connection';
 * import { useConnection } from 'latchkey/react';
 * import { useEffect } from 'react';
 *
 * export function Log() {
 *   const connection = useConnection<RealtimeConnection>();
 *   useEffect(() => connection?.onMessage((message) => console.log(message.action)), [connection]);
 *   return null;
 * }
 * ```
 */
export function useConnection<Connection extends ConnectionAdapter = ConnectionAdapter>(): Connection | null {
  return useExternalValue(useProvided().connection) as Connection | null;
}
