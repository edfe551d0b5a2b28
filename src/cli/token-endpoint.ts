import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
      answer(request, issuer, endpoint.isUp, response).catch(() => response.destroy());
    }, latencyMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint: TokenEndpoint = {
    url: `http://127.0.0.1:${port}/token`,
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
  if (!isUp) {
    response
      .writeHead(503, { ...always, 'content-type': 'text/plain', 'retry-after': '2' })
      .end('not available for now');
    return;
  }
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
