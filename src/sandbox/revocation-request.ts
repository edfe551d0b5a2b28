import { Fault } from './fault.js';
import { withoutNulls } from './record.js';

const HOUR = 3_600_000;
const MARGIN = 30_000;
const MOST_TARGETS = 100;
const LONGEST_TARGET = 2_048;

/** The body of `POST /keys/{keyName}/revokeTokens`. */
export interface RevocationRequest {
  readonly targets: readonly string[];
  /** ms since the epoch; undefined: the time of the request */
  readonly issuedBefore: number | undefined;
  /** ms since the epoch */
  readonly appliesAt: number;
}

/** Reads the body. @throws {Fault} 40001, 40003. @see https://ably.com/docs/auth/revocation */
export function readRevocationRequest(
  fields: Readonly<Record<string, unknown>>,
  now: number,
): RevocationRequest {
  const { targets, issuedBefore, allowReauthMargin = false } = withoutNulls(fields);
  if (!Array.isArray(targets)) throw new Fault('invalid request body', 'targets must be a list of targets');
  if (targets.length === 0 || targets.length > MOST_TARGETS) {
    throw new Fault('invalid parameter value', `targets must be a list of 1 to ${MOST_TARGETS} targets`);
  }
  if (targets.some((target) => typeof target !== 'string' || target.length > LONGEST_TARGET)) {
    throw new Fault(
      'invalid parameter value',
      `a target must be a string of at most ${LONGEST_TARGET} characters`,
    );
  }
  if (issuedBefore !== undefined && !isWithinTheHour(issuedBefore, now)) {
    throw new Fault('invalid parameter value', 'issuedBefore must lie within the last hour');
  }
  if (typeof allowReauthMargin !== 'boolean') {
    throw new Fault('invalid parameter value', 'allowReauthMargin must be a boolean');
  }
  return { targets, issuedBefore, appliesAt: allowReauthMargin ? now + MARGIN : now };
}

function isWithinTheHour(time: unknown, now: number): time is number {
  return typeof time === 'number' && time <= now && time >= now - HOUR;
}
