import type { AuthState } from '../client/auth-state.js';
import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The client's state, its reason, and its next step. Reading the state fetches no token. On a server, and
 * before the client is made: `idle`.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useAuthState } from 'latchkey/react';
 *
 * export function Status() {
 *   const { value, reason, error } = useAuthState();
 *   return <p role="status">{value}: {error?.message ?? reason}</p>;
 * }
 * ```
 */
export function useAuthState(): AuthState {
  return useExternalValue(useProvided().state);
}
