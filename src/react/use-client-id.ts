import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * Who the client is: `'*'` for anybody, null for nobody or not known yet, and on a server.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useClientId } from 'latchkey/react';
 *
 * export const Greeting = () => <p>Hello {useClientId() ?? 'whoever you are'}</p>;
 * ```
 * @see RSA7, RSA12
 */
export function useClientId(): string | null {
  return useExternalValue(useProvided().clientId);
}
