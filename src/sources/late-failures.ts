import { part } from '../async/part.js';
import { systemClock, type TimerHandle } from '../clock.js';
import {
  boundedWaitMs,
  causeCode,
  ErrorInfo,
  type ErrorOrigin,
  isErrorInfo,
  isOwnError,
} from '../errors/error-info.js';
import { noteOriginal } from '../errors/originals.js';
import { knownReason, reasonOfStatus } from '../errors/reason.js';
import { loadRedactionBy } from '../errors/redaction.js';
import { fieldOf, isA, statusesIn } from '../redaction/received.js';
import { isStopRenewing } from './stop-renewing.js';

/** What only failures need: causes, redaction, the errors of others. It is loaded while the source is first asked. */
export const failures = part(() => import('./failures.js'));

loadRedactionBy(() => failures.load());

/** Loads the code for failures in the background. Without a network it would be too late. */
export function expectFailures(): void {
  if (failures.loaded === undefined) failures.load().catch(() => {});
}

/** A file that does not come must not delay a failure for long. */
const LONGEST_LOAD_MS = 2_000;

/** The code for failures. undefined: it could not be loaded soon. */
export async function loadedSoon(): Promise<typeof failures.loaded> {
  if (failures.loaded !== undefined) return failures.loaded;
  let timer: TimerHandle;
  const late = new Promise<undefined>((resolve) => {
    timer = systemClock.setTimeout(() => resolve(undefined), LONGEST_LOAD_MS);
  });
  const load = failures.load().catch(() => undefined);
  return await Promise.race([load, late]).finally(() => systemClock.clearTimeout(timer));
}

/**
 * What to throw in place of `thrown`. If the code for failures cannot be loaded, it is an error without a word of
 * another party.
 */
export async function failed(
  thrown: unknown,
  explain: (code: NonNullable<typeof failures.loaded>) => unknown,
  origin?: ErrorOrigin,
): Promise<unknown> {
  if (failures.loaded === undefined && isOwnError(thrown) && ownWords.has(thrown)) {
    // It has no words of others. Its origin may become known only now.
    return origin === undefined || thrown.origin === origin ? thrown : wordless(thrown, origin);
  }
  const code = await loadedSoon();
  return code === undefined ? wordless(thrown, origin) : explain(code);
}

const ownWords = new WeakSet<ErrorInfo>();

/** Of what was thrown, only numbers count, by the rules of `sourceError()`. */
function wordless(thrown: unknown, origin: ErrorOrigin = 'latchkey'): ErrorInfo {
  const own = isOwnError(thrown) ? thrown : undefined;
  const statuses = statusesIn(thrown);
  const [code, statusCode] = isErrorInfo(thrown)
    ? [fieldOf(thrown, 'code'), fieldOf(thrown, 'statusCode')]
    : isStopRenewing(thrown) || statuses[0] === 403
      ? [40300, 403]
      : [statuses.includes(401) ? 40100 : 40170, 401];
  const status = statuses.find((one) => typeof one === 'number' && one >= 400);
  const isLost = code === 40170 && status === undefined && isA(thrown, TypeError);
  const reason =
    knownReason(fieldOf(own, 'reason')) ??
    (isLost
      ? 'unreachable'
      : reasonOfStatus(code === 40170 ? Number(status ?? 0) : Number(statusCode), true));
  const init = {
    code: Number(code),
    statusCode: Number(statusCode),
    message: `the token could not be obtained: ${reason}`,
    reason,
    origin: own?.origin === 'source' ? own.origin : origin,
    retryAfterMs: boundedWaitMs(fieldOf(own, 'retryAfterMs')),
  };
  const isSignedOut = own !== undefined && causeCode(own) === 40100;
  const cause = isSignedOut ? new ErrorInfo({ ...init, code: 40100 }) : undefined;
  const error = new ErrorInfo({ ...init, cause });
  noteOriginal(error, thrown);
  ownWords.add(error);
  return error;
}
