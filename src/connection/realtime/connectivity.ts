import type { Clock } from '../../clock.js';
import { isOwnError } from '../../errors/error-info.js';
import { isCallFault } from '../../http/call-fault.js';
import { readBody } from '../../platform/body.js';
import { type FetchFunction, noStore } from '../../platform/fetch.js';
import { abortable } from '../../platform/signals.js';

export interface ConnectivityOptions {
  /** undefined: that of the service. */
  readonly url: string | undefined;
  readonly fetch: FetchFunction;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** @see REC3a */
const SERVICE_URL = 'https://internet-up.ably-realtime.com/is-the-internet-up.txt';

/**
 * Whether the network works: the page at the address says `yes`. If the call of `fetch` itself is at fault, the
 * network counts as working. Never rejects.
 * @see RTN17j, REC3
 */
export async function isReachable(
  { url = SERVICE_URL, fetch, clock, timeoutMs }: ConnectivityOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const over = abortable(signal);
  const timer = clock.setTimeout(() => over.abort(undefined), timeoutMs);
  try {
    const response = await fetch(url, { signal: over.signal, credentials: 'omit', ...noStore() });
    const body = await readBody(response, over.signal);
    return response.ok && body.includes('yes');
  } catch (fault) {
    return !over.signal.aborted && (isOwnError(fault) || isCallFault(fault));
  } finally {
    clock.clearTimeout(timer);
    over.done();
  }
}
