import type { Auth } from '../auth.js';
import { useProvided } from './auth-context.js';

/**
 * The client, to call in effects and handlers; the same object at each render. To show something of it,
 * use {@link useAuthState}, {@link useToken} and {@link useClientId}, which render again when it changes.
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
