import { decodeJwt } from 'jose';

/** The two times of a JWT, in ms since the epoch. Read to plan a renewal, never to trust (TN1). */
export interface JwtTimes {
  readonly issued?: number;
  readonly expires?: number;
}

export function jwtTimes(token: string): JwtTimes {
  if (token.split('.').length !== 3) return {};
  try {
    const { iat, exp } = decodeJwt(token);
    return {
      ...(typeof iat === 'number' ? { issued: iat * 1000 } : {}),
      ...(typeof exp === 'number' ? { expires: exp * 1000 } : {}),
    };
  } catch {
    return {};
  }
}
