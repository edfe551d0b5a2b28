import type { ConnectionState } from '../connection/port.js';
import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The state of the client's connection; null without one, on a server, and in a first render. Renders again when it
 * changes.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useConnectionState } from 'latchkey/react';
 *
 * export const Online = () => <p>{useConnectionState() === 'connected' ? 'online' : 'offline'}</p>;
 * ```
 */
export function useConnectionState(): ConnectionState | null {
  return useExternalValue(useProvided().connectionState);
}
