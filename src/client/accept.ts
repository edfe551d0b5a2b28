import type { Accepted } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import { jwtTimes } from '../token/jwt.js';
import type { Secret } from '../token/secret.js';
import { SecretToken } from '../token/secret-token.js';
import type { TokenDetails } from '../token/token-details.js';

/** What an acquisition ends with, apart from the terms. */
type AcceptedToken = Omit<Accepted, 'terms' | 'renewable'>;

/**
 * A token that was just received. Its life is measured from here on: what the wall clock says does
 * not matter, unless nothing else is known.
 *
 * @throws {ErrorInfo} 40142 when it has no life at all.
 */
export function acceptFresh(token: Secret<TokenDetails>, clock: Clock): AcceptedToken {
  const lifetimeMs = lifetimeOf(token.expose(), clock.now());
  if (lifetimeMs !== undefined && lifetimeMs <= 0) {
    throw new ErrorInfo({
      code: 40142,
      message: 'the source gave a token that has no life left',
      remediation:
        'Issue tokens that expire after they are issued; see the expires and issued of what the source gives.',
    });
  }
  return {
    ok: true,
    token,
    lifetimeMs,
    ageMs: 0,
    receivedAt: clock.monotonic(),
  };
}

/**
 * A token the client was made with. It may have lived for a while: by the wall clock, as far as that
 * is plausible. One that seems to be dead is tried all the same, for the clock may be wrong; the
 * server judges (RSA4b1).
 */
export function acceptFromOptions(details: TokenDetails, clock: Clock): AcceptedToken {
  const times = timesOf(details);
  const lifetimeMs = lifetimeOf(details, clock.now());
  const ageMs = times.issued === undefined ? 0 : Math.max(0, clock.now() - times.issued);
  const isPlausible = lifetimeMs !== undefined && lifetimeMs > ageMs;
  return {
    ok: true,
    token: new SecretToken(details),
    lifetimeMs: isPlausible ? lifetimeMs : undefined,
    ageMs: isPlausible ? ageMs : 0,
    receivedAt: clock.monotonic(),
  };
}

function timesOf(details: TokenDetails): { issued?: number | undefined; expires?: number | undefined } {
  if (details.issued !== undefined || details.expires !== undefined) return details;
  return jwtTimes(details.token);
}

/** ms; undefined where it is not known. With `expires` alone the wall clock has to do. */
function lifetimeOf(details: TokenDetails, wallNow: number): number | undefined {
  const { issued, expires } = timesOf(details);
  if (expires === undefined) return undefined;
  if (issued !== undefined) return Math.round(expires - issued);
  return expires > wallNow ? expires - wallNow : undefined;
}
