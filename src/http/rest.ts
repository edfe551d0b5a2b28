import { ErrorInfo } from '../errors/error-info.js';
import type { ApiKey } from '../token/api-key.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { ablyHeaders, basic } from './headers.js';
import { type ConnectedHost, HostOrder } from './host-order.js';
import { readRevocation, type TokenRevocationResult } from './revocation.js';
import { type SendOptions, sender } from './send.js';
import { ServerTime } from './server-time.js';

export interface RestOptions extends SendOptions, ConnectedHost {
  readonly random: () => number;
  readonly clientId?: string | undefined;
  /** The programs that use the client, as `name/version`. */
  readonly agents?: string | undefined;
}

/** The parts of Ably's REST API that the client needs. */
export interface Rest {
  readonly serverTime: ServerTime;
  /** The hosts to ask, of all requests of the client. */
  readonly order: HostOrder;
  /** Exchanges a TokenRequest for a token. @see RSA8a */
  requestToken(request: TokenRequest, signal: AbortSignal): Promise<TokenDetails>;
  /** @see RSA17 */
  revokeTokens(key: ApiKey, body: object, signal: AbortSignal): Promise<TokenRevocationResult>;
  /** The server's time, ms since the epoch. @see RSC16 */
  time(signal: AbortSignal): Promise<number>;
}

export function createRest(options: RestOptions): Rest {
  const order = new HostOrder(options, options.clock, options.random);
  const send = sender({ ...options, heardTime: (now) => serverTime.learn(now) }, order);
  const headers = ablyHeaders(options);
  const posted = (body: object, more: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  });
  const time = async (signal: AbortSignal): Promise<number> => {
    const answer = await send('/time', { headers }, signal);
    const now: unknown = Array.isArray(answer) ? answer[0] : undefined;
    if (typeof now === 'number' && Number.isFinite(now)) return now;
    throw new ErrorInfo({
      code: 40170,
      reason: 'malformed',
      message: 'the server did not answer with its time',
    });
  };
  const serverTime = new ServerTime(options.clock, time);
  return {
    serverTime,
    order,
    time,
    async requestToken(request, signal) {
      const path = `/keys/${encodeURIComponent(request.keyName)}/requestToken`;
      const secrets = [request.mac, request.nonce];
      return parseTokenDetails(await send(path, posted(request), signal, secrets));
    },
    async revokeTokens(key, body, signal) {
      const path = `/keys/${encodeURIComponent(key.name)}/revokeTokens`;
      const authorization = basic(key);
      const secrets = [key.secret, authorization];
      return readRevocation(await send(path, posted(body, { authorization }), signal, secrets), secrets);
    },
  };
}
