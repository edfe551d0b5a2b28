import type { Clock } from '../../clock.js';
import { readBody } from '../../http/body.js';
import { isCallFault } from '../../http/call-fault.js';
import { noStore } from '../../http/no-store.js';

export interface ConnectivityOptions {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Whether anything can be reached: the page at the address says `yes`. Where `fetch` cannot tell, because
 * the call itself is at fault, there may be. Never rejects.
 * @see RTN17j, REC3
 */
export async function isReachable(
  { url, fetch, clock, timeoutMs }: ConnectivityOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const stop = () => over.abort();
  const timer = clock.setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const response = await fetch(url, { signal: over.signal, credentials: 'omit', ...noStore() });
    return response.ok && (await readBody(response, over.signal)).includes('yes');
  } catch (fault) {
    return !over.signal.aborted && isCallFault(fault);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
