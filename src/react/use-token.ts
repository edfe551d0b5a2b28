import type { TokenDetails } from '../token/token-details.js';
import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The token in use, and each that replaces it; null without one. A component that shows it needs it:
 * when it is mounted, a token is fetched. It renders again when there is another token, and not
 * before. On a server: null.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useToken } from 'latchkey/react';
 *
 * export function Expiry() {
 *   const token = useToken();
 *   if (token?.expires === undefined) return <p>No token yet</p>;
 *   return <p>In use until {new Date(token.expires).toLocaleTimeString()}</p>;
 * }
 * ```
 */
export function useToken(): TokenDetails | null {
  return useExternalValue(useProvided().token);
}
