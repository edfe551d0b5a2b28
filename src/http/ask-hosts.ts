import type { Clock } from '../clock.js';
import type { HostOrder } from './host-order.js';
import { unreachable } from './service-error.js';

/** The default of `httpMaxRetryDuration`, ms. */
const LONGEST_RETRYING_MS = 15_000;

/** Thrown for a host that failed: another host is asked (RSC15l). If none is, the result is for the caller. */
export class HostFailure<T> extends Error {
  readonly result: { readonly error: unknown } | { readonly answer: T };

  constructor(result: HostFailure<T>['result']) {
    super('the host failed');
    this.result = result;
  }
}

export interface HostLimits {
  readonly clock: Clock;
  /** How long other hosts are tried, ms. Default: 15,000. */
  readonly forMs: number | undefined;
  /** Whether another host may be asked. */
  mayGoOn(): boolean;
}

/**
 * Asks one host after the other, until one does not fail. @see RSC15
 *
 * @param ask throws a {@link HostFailure} if the host failed; any other error ends the tries
 */
export async function askHosts<T>(
  order: HostOrder,
  { clock, forMs = LONGEST_RETRYING_MS, mayGoOn }: HostLimits,
  ask: (host: string) => Promise<T>,
): Promise<T> {
  const startedAt = clock.monotonic();
  let last: HostFailure<T>['result'] | undefined;
  for (const { host, succeeded } of order.tries()) {
    if (last !== undefined && (!mayGoOn() || clock.monotonic() - startedAt >= forMs)) break;
    try {
      const answer = await ask(host);
      succeeded();
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof HostFailure)) throw thrown;
      last = thrown.result;
    }
  }
  if (last !== undefined && 'answer' in last) return last.answer;
  throw last?.error ?? unreachable(order.primary, undefined);
}

/** Whether an answer shows that the host failed, so that another one is asked. @see RSC15l3, RSC15l4 */
export function isHostFault({ status, headers }: Pick<Response, 'status' | 'headers'>): boolean {
  return (status >= 500 && status <= 504) || (status >= 400 && headers.get('server') === 'CloudFront');
}
