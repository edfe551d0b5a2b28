import { checkNames, invalidArgument, given as optionsIn, record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { fromReceived, readError } from '../errors/received-error.js';

/** Which tokens to revoke: those of one clientId, of one revocation key, or for exactly one channel. @see TRT2 */
export interface TokenRevocationTargetSpecifier {
  readonly type: 'clientId' | 'revocationKey' | 'channel';
  readonly value: string;
}

/** @see RSA17e, RSA17f */
export interface TokenRevocationOptions {
  /** Revokes only tokens issued before this time, ms since the epoch. Default: now. */
  readonly issuedBefore?: number;
  /** Whether clients have 30 s to get a new token before they are disconnected. Default: false. */
  readonly allowReauthMargin?: boolean;
}

/** @see TRS2 */
export interface TokenRevocationSuccessResult {
  readonly target: string;
  /** ms since the epoch. */
  readonly issuedBefore: number;
  /** ms since the epoch. */
  readonly appliesAt: number;
}

/** @see TRF2 */
export interface TokenRevocationFailureResult {
  readonly target: string;
  readonly error: ErrorInfo;
}

/** @see BAR2 */
export interface BatchResult<T> {
  readonly successCount: number;
  readonly failureCount: number;
  readonly results: readonly T[];
}

/** The result for each target of a revocation. */
export type TokenRevocationResult = BatchResult<TokenRevocationSuccessResult | TokenRevocationFailureResult>;

/** How many targets one call may have. */
const MOST_TARGETS = 100;

/** The body of a revocation. @throws {ErrorInfo} 40003: a target or an option is invalid. */
export function revocationBody(
  targets: TokenRevocationTargetSpecifier | readonly TokenRevocationTargetSpecifier[],
  given: TokenRevocationOptions | null | undefined,
): Readonly<Record<string, unknown>> {
  const all: readonly unknown[] = Array.isArray(targets) ? targets : [targets];
  if (all.length === 0 || all.length > MOST_TARGETS) {
    throw invalidArgument(
      `targets has ${all.length} entries`,
      `Pass from 1 to ${MOST_TARGETS} targets in a call.`,
    );
  }
  const options = given ?? {};
  record('options', options);
  const names = ['issuedBefore', 'allowReauthMargin'];
  checkNames(options, names);
  const { issuedBefore, allowReauthMargin } = optionsIn(options, names);
  if (issuedBefore !== undefined && (!Number.isSafeInteger(issuedBefore) || issuedBefore <= 0)) {
    throw invalidArgument('issuedBefore must be a time in ms since the epoch', 'Pass ms since the epoch.');
  }
  if (allowReauthMargin !== undefined && typeof allowReauthMargin !== 'boolean') {
    throw invalidArgument('allowReauthMargin must be true or false', 'Pass a boolean.');
  }
  return {
    targets: all.map(targetText),
    ...(issuedBefore === undefined ? {} : { issuedBefore }),
    ...(allowReauthMargin === undefined ? {} : { allowReauthMargin }),
  };
}

function targetText(target: unknown): string {
  if (typeof target === 'object' && target !== null && 'type' in target && 'value' in target) {
    const { type, value } = target;
    const isGood =
      typeof type === 'string' && /^\w+$/.test(type) && typeof value === 'string' && value !== '';
    // The server decides which types there are.
    if (isGood) return `${type}:${value}`;
  }
  throw invalidArgument(
    'a target must have a type and a value',
    "Pass { type: 'clientId' | 'revocationKey' | 'channel', value }.",
  );
}

/** The server's result for each target: an object with counts, or, from older servers, a list. */
export function readRevocation(answer: unknown, secrets: readonly string[] = []): TokenRevocationResult {
  const list: unknown = Array.isArray(answer) ? answer : (answer as { results?: unknown } | null)?.results;
  if (!Array.isArray(list)) throw untold();
  const results = list.map((one) => readResult(one, secrets));
  const failureCount = results.filter((result) => 'error' in result).length;
  return Object.freeze({
    successCount: results.length - failureCount,
    failureCount,
    results: Object.freeze(results),
  });
}

function readResult(
  given: unknown,
  secrets: readonly string[],
): TokenRevocationSuccessResult | TokenRevocationFailureResult {
  if (typeof given !== 'object' || given === null) throw untold();
  const { target, issuedBefore, appliesAt, error } = given as Record<string, unknown>;
  if (error === undefined || error === null) {
    return Object.freeze({
      target: targetIn(target),
      issuedBefore: timeIn(issuedBefore),
      appliesAt: timeIn(appliesAt),
    });
  }
  const told = readError(error) ?? { code: 50000, statusCode: 500, message: 'the target was refused' };
  return Object.freeze({ target: targetIn(target), error: fromReceived(told, { secrets }) });
}

function targetIn(given: unknown): string {
  return typeof given === 'string' ? given : '';
}

function timeIn(given: unknown): number {
  return typeof given === 'number' ? given : Number.NaN;
}

function untold(): ErrorInfo {
  return new ErrorInfo({
    code: 50000,
    reason: 'malformed',
    message: 'the answer does not say which tokens were revoked',
  });
}
