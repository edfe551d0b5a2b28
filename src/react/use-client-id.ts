import { useProvided } from './auth-context.js';
import { useExternalValue } from './external-value.js';

/**
 * The client's `clientId`: `'*'` for any client; null if it is anonymous, not known yet, or on a server.
 *
 * @throws {ErrorInfo} 40106 outside of an {@link AuthProvider}
 *
 * @example
 * ```tsx
 * import { useClientId } from 'latchkey/react';
 *
 * export const Greeting = () => <p>Hello {useClientId() ?? 'guest'}</p>;
 * ```
 * @see RSA7, RSA12
 */
export function useClientId(): string | null {
  return useExternalValue(useProvided().clientId);
}
