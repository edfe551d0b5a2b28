import type { Clock } from '../clock.js';

export interface ConnectivityOptions {
  readonly url: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Whether anything can be reached: the page at the address says `yes`. Never rejects. @see RTN17j, REC3 */
export async function isReachable(
  { url, fetch, clock, timeoutMs }: ConnectivityOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const stop = () => over.abort();
  const timer = clock.setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const response = await fetch(url, { signal: over.signal, cache: 'no-store', credentials: 'omit' });
    return response.ok && (await response.text()).includes('yes');
  } catch {
    return false;
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
