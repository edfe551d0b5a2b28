import { fromBase64 } from '../platform/text.js';

/** The two times of a JWT, in ms since the epoch. Read to plan a renewal, never to trust (TN1). */
export interface JwtTimes {
  readonly issued?: number;
  readonly expires?: number;
}

export function jwtTimes(token: string): JwtTimes {
  const [, payload = '', ...rest] = token.split('.');
  if (rest.length !== 1) return {};
  try {
    // Not ASCII only: names in it may be, and the two times are read all the same.
    const { iat, exp } = JSON.parse(fromBase64(payload));
    return {
      ...(isTime(iat) ? { issued: iat * 1000 } : {}),
      ...(isTime(exp) ? { expires: exp * 1000 } : {}),
    };
  } catch {
    return {};
  }
}

/** JSON can hold numbers that JavaScript takes for infinite, or that are once they are ms. */
function isTime(claim: unknown): claim is number {
  return typeof claim === 'number' && Math.abs(claim * 1000) <= Number.MAX_SAFE_INTEGER;
}
