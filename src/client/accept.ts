import type { Accepted } from '../../machines/ports.js';
import { invalidArgument } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import { badAnswer } from '../sources/answer.js';
import { jwtTimes } from '../token/jwt.js';
import { type Secret, SecretToken } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenAge, TokenTimes } from './token-ages.js';

/** The result of an acquisition without its TokenParams and AuthOptions. */
type AcceptedToken = Omit<Accepted, 'terms' | 'renewable'>;

/**
 * A token that was received at this moment. Its remaining life is counted from now on by the monotonic clock. The
 * wall clock is used only where nothing else is known.
 *
 * @param askedMs the life that was asked for
 * @param age how old it already is; undefined: it is new
 * @throws {ErrorInfo} 40142 when it has no life at all, 40170 when its times cannot be in ms
 */
export function acceptFresh(
  token: Secret<TokenDetails>,
  clock: Clock,
  askedMs?: number,
  age?: TokenAge,
): AcceptedToken {
  const fault = unitFault(token.expose(), clock.now(), askedMs);
  if (fault !== undefined) throw badAnswer(`gave a token with wrong times: ${fault}`, undefined, UNITS);
  const lifetimeMs = age?.lifetimeMs ?? lifetimeOf(token.expose(), clock.now());
  if (lifetimeMs !== undefined && lifetimeMs <= 0) {
    throw new ErrorInfo({
      code: 40142,
      message: 'the token source gave a token that was expired when it was issued',
      remediation:
        'Issue tokens whose expires is later than their issued; in a JWT, whose exp is later than its iat.',
    });
  }
  return {
    ok: true,
    token,
    lifetimeMs,
    ageMs: age?.ageMs ?? 0,
    ...(age === undefined ? {} : { oldestMs: age.oldestMs }),
    receivedAt: clock.monotonic(),
  };
}

/**
 * The token of the constructor's options. It may be old already. Its age is read from the wall clock, if the
 * result is plausible. A token that seems expired is used all the same, because the local clock may be wrong: the
 * server decides (RSA4b1).
 *
 * @throws {ErrorInfo} 40003 when its times cannot be in ms
 */
export function acceptFromOptions(details: TokenDetails, clock: Clock): AcceptedToken {
  const fault = unitFault(details, clock.now());
  if (fault !== undefined) throw invalidArgument(`the token of the options has wrong times: ${fault}`, UNITS);
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

/**
 * Whether a time lies in the years 2001 to 2286 if it is in seconds. The same number of ms lies in the year 1970.
 */
const looksLikeSeconds = (time: number): boolean => time >= 1e9 && time < 1e10;

/** A wall clock that shows a time before 1973 was never set. Then no time can be checked. */
const EARLIEST_NOW = 1e11;

const FIFTY_YEARS_MS = 1.6e12;

/** Whether a time was multiplied by 1,000 twice. A very large time that stands for "never" was not. */
const looksLikeMicroseconds = (time: number, wallNow: number): boolean =>
  time > 1e14 && Math.abs(time / 1_000 - wallNow) < FIFTY_YEARS_MS;

/** Usual lifetimes in seconds. A lifetime of so many ms is a mistake. */
const USUAL_SECONDS = [1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 43_200, 86_400];

/** What is wrong with the unit of a token's times. undefined: no mistake was found. */
function unitFault(details: TokenDetails, wallNow: number, askedMs?: number): string | undefined {
  const { issued, expires } = timesOf(details);
  for (const [name, time] of Object.entries({ issued, expires })) {
    // An `issued` of 0, as tests use it, states a lifetime and not a date.
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
    ? `it lives for ${lifeMs} ms, and ${asked} ms were requested`
    : undefined;
}

/** The times of a token: those of its details, else those of the JWT that it is. */
export function timesOf(details: TokenDetails): TokenTimes {
  if (details.issued !== undefined || details.expires !== undefined) return details;
  return jwtTimes(details.token);
}

/** The lifetime in ms. undefined: not known. If only `expires` is known, the wall clock is used. */
function lifetimeOf(details: TokenDetails, wallNow: number): number | undefined {
  const { issued, expires } = timesOf(details);
  if (expires === undefined) return undefined;
  if (issued !== undefined) return Math.round(expires - issued);
  return expires > wallNow ? expires - wallNow : undefined;
}
