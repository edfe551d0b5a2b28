import { part } from '../async/part.js';
import { causeCode, ErrorInfo, type ErrorOrigin, isOwnError } from '../errors/error-info.js';
import { noteOriginal } from '../errors/originals.js';
import { reasonOfStatus } from '../errors/reason.js';
import { fieldOf, isA } from '../redaction/received.js';
import { isStopRenewing } from './stop-renewing.js';

/** What only failures need: causes, redaction, the errors of others. It is loaded while the source is first asked. */
export const failures = part(() => import('./failures.js'));

/** Loads the code for failures in the background. Without a network it would be too late. */
export function expectFailures(): void {
  if (failures.loaded === undefined) failures.load().catch(() => {});
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
  const code = failures.loaded ?? (await failures.load().catch(() => undefined));
  return code === undefined ? wordless(thrown, origin) : explain(code);
}

/** Of what was thrown, only numbers count. */
function wordless(thrown: unknown, origin: ErrorOrigin = 'latchkey'): ErrorInfo {
  const own = isOwnError(thrown) ? thrown : undefined;
  const told = isStopRenewing(thrown) ? 403 : (fieldOf(thrown, 'statusCode') ?? fieldOf(thrown, 'status'));
  const isForbidden = told === 403;
  const statusCode = own?.statusCode ?? (isForbidden ? 403 : 401);
  const reason =
    own?.reason ?? (isA(thrown, TypeError) ? 'unreachable' : reasonOfStatus(Number(told) || 0, true));
  const init = {
    code: own?.code ?? (isForbidden ? 40300 : 40170),
    statusCode,
    message: `the token could not be obtained: ${reason}`,
    reason,
    origin: own?.origin === 'source' ? own.origin : origin,
    retryAfterMs: own?.retryAfterMs,
  };
  const isSignedOut = own === undefined ? told === 401 : causeCode(own) === 40100;
  const cause = isSignedOut ? new ErrorInfo({ ...init, code: 40100 }) : undefined;
  const error = new ErrorInfo({ ...init, cause });
  noteOriginal(error, thrown);
  return error;
}
