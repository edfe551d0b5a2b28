import type { Auth } from '../auth.js';
import { useProvided } from './auth-context.js';

/**
 * The client, for effects and handlers; the same object at each render. To show a value of the client, use
 * {@link useAuthState}, {@link useToken} or {@link useClientId}, which render again when the value changes.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useAuth } from 'latchkey/react';
 *
 * export function SignOut() {
 *   const auth = useAuth();
 *   return <button type="button" onClick={() => auth.forget()}>Sign out</button>;
 * }
 * ```
 */
export function useAuth(): Auth {
  return useProvided().auth;
}
