import { fieldOf, parseJson } from '../redaction/received.js';
import { fromBase64 } from '../text.js';

/** The two times of a JWT, ms since the epoch. They are used to plan a renewal, and are not verified (TN1). */
export interface JwtTimes {
  readonly issued?: number;
  readonly expires?: number;
}

export function jwtTimes(token: string): JwtTimes {
  const claims = jwtClaims(token);
  const [iat, exp] = [fieldOf(claims, 'iat'), fieldOf(claims, 'exp')];
  return {
    ...(isTime(iat) ? { issued: iat * 1000 } : {}),
    ...(isTime(exp) ? { expires: exp * 1000 } : {}),
  };
}

/** The claims of a JWT, not verified. undefined: the token is not a JWT that can be read. */
export function jwtClaims(token: string): unknown {
  const [, payload = '', ...rest] = token.split('.');
  if (rest.length !== 1) return undefined;
  try {
    // Bytes beyond ASCII occur only in names, so the other claims are read correctly.
    return parseJson(fromBase64(payload));
  } catch {
    return undefined;
  }
}

/** Whether a time is usable: numbers in JSON can be infinite in JavaScript, also after the conversion to ms. */
function isTime(claim: unknown): claim is number {
  return typeof claim === 'number' && Math.abs(claim * 1000) <= Number.MAX_SAFE_INTEGER;
}
