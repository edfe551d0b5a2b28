import type { Clock } from '../clock.js';
import { ErrorInfo } from '../errors.js';
import type { TokenDetails } from '../token/token-details.js';
import { parseTokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { base64 } from './base64.js';
import { readBody } from './body.js';
import { errorFrom, unreachable } from './error-response.js';
import { baseUrl, fallbackHosts, type HostOptions, primaryHost } from './hosts.js';
import { ServerTime } from './server-time.js';

export interface RestOptions extends HostOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly clientId?: string;
  /** Budget of one request, ms. Default 10,000. @see TO3l4 */
  readonly httpRequestTimeout?: number;
}

/** Ably's REST API, as far as auth needs it. */
export interface Rest {
  readonly serverTime: ServerTime;
  /** Exchanges a TokenRequest for a token. @see RSA8a */
  requestToken(request: TokenRequest, signal: AbortSignal): Promise<TokenDetails>;
  /** ms since the epoch, by the server's clock. @see RSC16 */
  time(signal: AbortSignal): Promise<number>;
}

/** At most this many fallback hosts are tried. @see RSC15a */
const MOST_FALLBACKS = 3;

/** Ably's protocol version. @see RSC7e, CSV2 */
const PROTOCOL_VERSION = '6';

const AGENT = 'latchkey/0.1.0';

export function createRest(options: RestOptions): Rest {
  const { fetch, clock, endpoint, clientId, httpRequestTimeout = 10_000 } = options;
  const hosts = [primaryHost(endpoint), ...fallbackHosts(endpoint).slice(0, MOST_FALLBACKS)];
  const headers: Readonly<Record<string, string>> = {
    accept: 'application/json',
    'x-ably-version': PROTOCOL_VERSION,
    'ably-agent': AGENT,
    ...(clientId === undefined ? {} : { 'x-ably-clientid': base64(clientId) }),
  };

  /** One request to one host; what it throws says whether another host may do better (RSC15l). */
  const attempt = async (host: string, path: string, init: RequestInit, outer: AbortSignal) => {
    const inner = new AbortController();
    const stop = () => inner.abort(outer.reason);
    if (outer.aborted) stop();
    outer.addEventListener('abort', stop, { once: true });
    const timer = clock.setTimeout(() => inner.abort(), httpRequestTimeout);
    try {
      const url = `${baseUrl(host, options)}${path}`;
      // A redirect would carry the request, and what it is worth, to somebody else.
      const response = await fetch(url, { ...init, signal: inner.signal, redirect: 'error' });
      const body = await readBody(response);
      if (!response.ok) throw errorFrom(response, body, clock.now());
      return parse(body);
    } catch (thrown) {
      throw thrown instanceof ErrorInfo ? thrown : unreachable(host, thrown);
    } finally {
      clock.clearTimeout(timer);
      outer.removeEventListener('abort', stop);
    }
  };

  const send = async (path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> => {
    for (const [index, host] of hosts.entries()) {
      try {
        return await attempt(host, path, init, signal);
      } catch (thrown) {
        const isLast = index === hosts.length - 1;
        if (isLast || signal.aborted || !(thrown instanceof ErrorInfo) || !isHostsFault(thrown)) throw thrown;
      }
    }
    throw unreachable(hosts[0] ?? '', undefined);
  };

  const time = async (signal: AbortSignal): Promise<number> => {
    const answer = await send('/time', { headers }, signal);
    const now: unknown = Array.isArray(answer) ? answer[0] : undefined;
    if (typeof now === 'number' && Number.isFinite(now)) return now;
    throw new ErrorInfo({ code: 40170, statusCode: 401, message: 'the server did not tell its time' });
  };

  return {
    serverTime: new ServerTime(clock, time),
    time,
    async requestToken(request, signal) {
      const path = `/keys/${encodeURIComponent(request.keyName)}/requestToken`;
      const body = JSON.stringify(request);
      const answer = await send(
        path,
        { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body },
        signal,
      );
      return parseTokenDetails(answer);
    },
  };
}

/** RSC15l: the host cannot be reached, answers too late, or is in trouble itself. */
function isHostsFault({ statusCode, code }: ErrorInfo): boolean {
  return code === 80003 || (statusCode >= 500 && statusCode <= 504);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ErrorInfo({ code: 40170, statusCode: 401, message: 'the server did not answer with JSON' });
  }
}
