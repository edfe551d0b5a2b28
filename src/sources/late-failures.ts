import { part } from '../async/part.js';
import { causeCode, ErrorInfo, type ErrorOrigin, isOwnError } from '../errors/error-info.js';
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

function wordless(thrown: unknown, origin: ErrorOrigin = 'latchkey'): ErrorInfo {
  const told = [fieldOf(thrown, 'statusCode'), fieldOf(thrown, 'status')];
  const status = isStopRenewing(thrown) ? 403 : (told.find((one) => one === 401 || one === 403) ?? 0);
  const own = isOwnError(thrown) ? thrown : undefined;
  const reason =
    own?.reason ?? (isA(thrown, TypeError) ? 'unreachable' : reasonOfStatus(Number(status), true));
  const message = `the token could not be obtained: ${reason}`;
  const isSignedOut = own === undefined ? status === 401 : causeCode(own) === 40100;
  return new ErrorInfo({
    code: own?.code ?? (status === 403 ? 40300 : 40170),
    statusCode: own?.statusCode ?? (status === 403 ? 403 : 401),
    message,
    reason,
    origin: own?.origin === 'source' ? 'source' : origin,
    retryAfterMs: own?.retryAfterMs,
    cause: isSignedOut ? new ErrorInfo({ code: 40100, message }) : undefined,
  });
}
