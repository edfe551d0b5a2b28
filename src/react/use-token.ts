import type { TokenDetails } from '../token/token-details.js';
import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The current token, and each token that replaces it; null without a token. Mounting the component fetches a
 * token. The component renders again only when the token changes. On a server: null.
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
 *   return <p>Valid until {new Date(token.expires).toLocaleTimeString()}</p>;
 * }
 * ```
 */
export function useToken(): TokenDetails | null {
  return useExternalValue(useProvided().token);
}
