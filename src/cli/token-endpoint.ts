import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOfLocalPage, namingOf } from '../checks/local-requests.node.js';
import type { Clock } from '../clock.js';
import { Auth } from '../index.js';
import { always } from '../server/answers.js';

export interface TokenEndpointOptions {
  /** The key that signs TokenRequests. It stays on the server. */
  readonly key: string;
  readonly clock: Clock;
  /** How long an answer takes, ms, like that of a distant server. */
  readonly latencyMs: number;
}

export interface TokenEndpoint {
  readonly url: string;
  /** Whether the endpoint works. Otherwise it answers 503. */
  isUp: boolean;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * A demonstration of an application's backend: it signs TokenRequests for users, who never see the key.
 * Unlike a real backend, it does not check who the user is.
 */
export async function startTokenEndpoint({
  key,
  clock,
  latencyMs,
}: TokenEndpointOptions): Promise<TokenEndpoint> {
  const issuer = new Auth({ key, clock });
  const server = createServer((request, response) => {
    clock.setTimeout(() => {
      answer(request, issuer, endpoint.isUp, response).catch(() => {
        if (response.headersSent) response.destroy();
        else end(response, 400, 'clientId or ttl is invalid');
      });
    }, latencyMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint: TokenEndpoint = {
    url: `http://${HOST}:${port}/token`,
    isUp: true,
    close: () =>
      new Promise((resolve) => {
        issuer.dispose();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}

async function answer(
  request: IncomingMessage,
  issuer: Auth,
  isUp: boolean,
  response: ServerResponse,
): Promise<void> {
  const naming = namingOf(request, HOST);
  if (naming === 'unusable') return end(response, 400, 'Host must be the name of a host');
  // The endpoint does not ask who the user is, so it must not answer pages of other machines.
  if (naming === 'foreign' || !isOfLocalPage(request))
    return end(response, 403, 'Host and Origin must be of this machine');
  if (!isUp) return end(response, 503, 'not available for now', { 'retry-after': '2' });
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const clientId = searchParams.get('clientId');
  const ttl = searchParams.get('ttl');
  const tokenRequest = await issuer.createTokenRequest({
    capability: { 'demo:*': ['publish', 'subscribe'] },
    ...(clientId === null ? {} : { clientId }),
    ...(ttl === null ? {} : { ttl: Number(ttl) }),
  });
  response
    .writeHead(200, { ...always, 'content-type': 'application/json' })
    .end(JSON.stringify(tokenRequest));
}

function end(response: ServerResponse, status: number, text: string, headers = {}): void {
  response.writeHead(status, { ...always, 'content-type': 'text/plain', ...headers }).end(text);
}
