import { ErrorInfo } from '../errors/error-info.js';

/** The two parts of an API key: the name is public, the secret is not. */
export interface ApiKey {
  readonly name: string;
  readonly secret: string;
}

/**
 * Splits `appId.keyId:secret` at its first colon (RSA11, RSA17g).
 * @throws {ErrorInfo} 40005 if one of the two parts is missing.
 */
export function parseApiKey(key: unknown): ApiKey {
  const colon = typeof key === 'string' ? key.indexOf(':') : -1;
  if (typeof key !== 'string' || colon < 1 || colon === key.length - 1 || /\s/.test(key)) {
    throw new ErrorInfo({ code: 40005, message: 'key is malformed: it is not of the form "name:secret"' });
  }
  return { name: key.slice(0, colon), secret: key.slice(colon + 1) };
}
