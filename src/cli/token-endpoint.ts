import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOfLocalPage, namingOf } from '../checks/local-requests.node.js';
import type { Clock } from '../clock.js';
import { Auth } from '../index.js';
import { always } from '../server/answers.js';
import { type TokenAnswer, tokenAnswer, words } from './token-answer.js';

export interface TokenEndpointOptions {
  /** The key that signs TokenRequests. It stays on the server. */
  readonly key: string;
  readonly clock: Clock;
  /** How long an answer takes, ms, like that of a distant server. */
  readonly latencyMs: number;
}

/** The demonstration of an application's backend. */
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
      answer(request, issuer, endpoint.isUp).then(
        (answered) => send(response, answered),
        // The address of the request is invalid.
        () => send(response, words(400, 'clientId or ttl is invalid')),
      );
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

async function answer(request: IncomingMessage, issuer: Auth, isUp: boolean): Promise<TokenAnswer> {
  const naming = namingOf(request, HOST);
  if (naming === 'unusable') return words(400, 'Host must be the name of a host');
  // The endpoint does not ask who the user is, so it must not answer pages of other machines.
  if (naming === 'foreign' || !isOfLocalPage(request))
    return words(403, 'Host and Origin must be of this machine');
  return await tokenAnswer(issuer, isUp, new URL(request.url ?? '/', 'http://localhost').searchParams);
}

const send = (response: ServerResponse, { status, headers, body }: TokenAnswer): void =>
  void response.writeHead(status, { ...always, ...headers }).end(body);
