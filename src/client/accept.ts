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
 * @param askedMs the life that was asked for
 * @throws {ErrorInfo} 40142 when it has no life at all, 40170 when its times cannot be in ms
 */
export function acceptFresh(token: Secret<TokenDetails>, clock: Clock, askedMs?: number): AcceptedToken {
  const fault = unitFault(token.expose(), clock.now(), askedMs);
  if (fault !== undefined)
    throw new ErrorInfo({
      code: 40170,
      statusCode: 401,
      reason: 'malformed',
      message: `the token source gave a token with wrong times: ${fault}`,
      remediation: UNITS,
    });
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
 *
 * @throws {ErrorInfo} 40003 when its times cannot be in ms
 */
export function acceptFromOptions(details: TokenDetails, clock: Clock): AcceptedToken {
  const fault = unitFault(details, clock.now());
  if (fault !== undefined)
    throw new ErrorInfo({
      code: 40003,
      message: `the token of the options has wrong times: ${fault}`,
      remediation: UNITS,
    });
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

const UNITS =
  'issued and expires of a TokenDetails are in ms since the epoch; iat and exp of a JWT are in seconds.';

/** Times from the years 2001 to 2286, if they are in seconds. In ms they are from 1970. */
const looksLikeSeconds = (time: number): boolean => time >= 1e9 && time < 1e10;

/** A clock before 1973 was never set, and proves nothing. */
const EARLIEST_NOW = 1e11;

const FIFTY_YEARS_MS = 1.6e12;

/** Whether a time was multiplied by 1,000 once too often. A time that stands for "never" was not. */
const looksLikeMicroseconds = (time: number, wallNow: number): boolean =>
  time > 1e14 && Math.abs(time / 1_000 - wallNow) < FIFTY_YEARS_MS;

/** Usual lives, in seconds. No token lives for so many ms. */
const USUAL_SECONDS = [1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200, 86_400];

/** What is wrong with the unit of a token's times; undefined: nothing that shows. */
function unitFault(details: TokenDetails, wallNow: number, askedMs?: number): string | undefined {
  const { issued, expires } = timesOf(details);
  for (const [name, time] of Object.entries({ issued, expires })) {
    if (time === undefined || wallNow < EARLIEST_NOW || issued === 0) continue;
    if (looksLikeSeconds(time)) return `${name} is ${time}, which is in seconds`;
    if (looksLikeMicroseconds(time, wallNow)) return `${name} is ${time}, which is not in ms`;
  }
  if (issued === undefined || expires === undefined) return undefined;
  const lifeMs = expires - issued;
  const asked = askedMs ?? 0;
  if (USUAL_SECONDS.includes(lifeMs) || (asked >= 60_000 && lifeMs === asked / 1_000))
    return `it lives for ${lifeMs} ms, as if seconds were added to ms`;
  return asked > 0 && lifeMs === asked * 1_000
    ? `it lives for ${lifeMs} ms, and ${asked} were asked for`
    : undefined;
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
