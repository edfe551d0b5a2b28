import type { Clock } from '../clock.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { discardBody, readBody, UnusableBody } from '../platform/body.js';
import { type FetchFunction, noStore } from '../platform/fetch.js';
import { abortable } from '../platform/signals.js';
import { parseJson } from '../redaction/received.js';
import type { ClientType } from '../token/client-type.js';
import { askHosts, HostFailure, isHostFault } from './ask-hosts.js';
import { callFault, isCallFault } from './call-fault.js';
import { declared } from './declared.js';
import type { FallbackOptions, HostOrder } from './host-order.js';
import { baseUrl, type HostOptions } from './hosts.js';
import { isFromElsewhere, isRedirect } from './redirects.js';
import { errorFrom, unreachable } from './service-error.js';

/** Time limits of requests to Ably, ms. */
export interface HttpOptions extends FallbackOptions {
  /** How long the headers of an answer may take. Default: 4,000. @see TO3l3 */
  readonly httpOpenTimeout?: number;
  /** How long the whole answer may take. Default: 10,000. @see TO3l4 */
  readonly httpRequestTimeout?: number;
  /** After this time no other host is tried. Default: 15,000. @see TO3l6 */
  readonly httpMaxRetryDuration?: number;
}

export interface SendOptions extends HostOptions, HttpOptions {
  readonly fetch: FetchFunction;
  readonly clock: Clock;
  /** What the client declares to be. */
  readonly clientType?: ClientType | undefined;
  /** Called with the server's time, ms since the epoch, from the `Date` of each answer. */
  readonly heardTime?: (serverNow: number) => void;
}

/** @param secrets values of the request that must not appear in the message of an error */
export type Send = (
  path: string,
  init: RequestInit,
  signal: AbortSignal,
  secrets?: readonly string[],
) => Promise<unknown>;

/** Sends requests to Ably: to the primary host and, if that host fails, to fallback hosts. @see RSC15 */
export function sender(options: SendOptions, order: HostOrder): Send {
  const { clock, httpMaxRetryDuration: forMs } = options;
  return async (path, init, signal, secrets = []) =>
    await askHosts(order, { clock, forMs, mayGoOn: () => !signal.aborted }, (host) =>
      attempt(
        options,
        { url: declared(`${baseUrl(host, options)}${path}`, options.clientType), host, init, secrets },
        signal,
      ),
    );
}

interface Attempt {
  readonly url: string;
  readonly host: string;
  readonly init: RequestInit;
  readonly secrets: readonly string[];
}

async function attempt(
  options: SendOptions,
  { url, host, init, secrets }: Attempt,
  outer: AbortSignal,
): Promise<unknown> {
  const { clock, fetch, httpOpenTimeout = 4_000, httpRequestTimeout = 10_000 } = options;
  const inner = abortable(outer);
  const late = () => inner.abort(new Error('the host did not answer in time'));
  const opening = clock.setTimeout(late, httpOpenTimeout);
  const whole = clock.setTimeout(late, httpRequestTimeout);
  try {
    // Not 'error': Cloudflare Workers refuse that value.
    const response = await fetch(url, { ...init, ...noStore(), signal: inner.signal, redirect: 'manual' });
    clock.clearTimeout(opening);
    if (isRedirect(response) || isFromElsewhere(response, url)) {
      discardBody(response);
      throw redirected(host);
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Number.isFinite(date)) options.heardTime?.(date);
    if (response.ok) return parse(await readBody(response, inner.signal));
    // Without a readable body, the status alone says what failed.
    const body = await readBody(response, inner.signal).catch(() => '');
    throw refusal(response, errorFrom(response, body, clock.now(), secrets));
  } catch (thrown) {
    if (thrown instanceof HostFailure || isOwnError(thrown)) throw thrown;
    if (thrown instanceof UnusableBody) throw unfit(thrown.message);
    if (!inner.signal.aborted && isCallFault(thrown)) throw callFault(thrown, secrets);
    throw new HostFailure({ error: unreachable(host, thrown) });
  } finally {
    clock.clearTimeout(opening);
    clock.clearTimeout(whole);
    inner.done();
  }
}

const refusal = (response: Response, error: ErrorInfo): HostFailure<never> | ErrorInfo =>
  isHostFault(response) ? new HostFailure<never>({ error }) : error;

function parse(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    throw unfit('something other than JSON');
  }
}

/** A host that answered: another host would give the same answer. */
function unfit(what: string): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    reason: 'malformed',
    message: `the server answered with ${what}`,
    remediation: 'Check the endpoint, port and tls options: they must lead to the service itself.',
  });
}

/** A redirect to another origin is refused: the request holds credentials. */
function redirected(host: string): ErrorInfo {
  return unfit(`a redirect, which is not followed: ${host} must answer by itself`);
}
