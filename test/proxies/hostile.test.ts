import { once } from 'node:events';
import { Agent, createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth } from '../../src/index.js';
import { refuse, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { type HostileRequest, HostileRequests } from '../hostile/requests.js';
import { startNginx } from './nginx.js';

const SEED = Number(process.env.SEED ?? 20_261_129);
const COUNT = Number(process.env.REQUESTS ?? 10_000);
const STRANGERS = 24;
const HONEST = 4;

const capability = { 'chat:*': ['publish', 'subscribe'] };

/** Two equal servers behind nginx, which read `x-user` as a session. Some of the strangers are signed in. */
async function startEndpoints() {
  const listener = nodeListener(
    tokenEndpoint({
      auth: new Auth('appId.keyId:secret'),
      format: 'jwt',
      grant: ({ headers }) => {
        const clientId = headers.get('x-user') || null;
        return clientId === null ? refuse(401) : { clientId, capability };
      },
    }),
  );
  const servers: Server[] = [createServer(listener), createServer(listener)];
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  const nginx = await startNginx(servers.map((server) => (server.address() as AddressInfo).port));
  onTestFinished(async () => {
    await nginx.stop();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });
  return nginx;
}

/** @returns the status of the answer, or what else came of the request */
function outcomeOf(
  url: string,
  agent: Agent,
  { method, query, headers, body, isCut }: HostileRequest,
  isSignedIn: boolean,
): Promise<string> {
  return new Promise((resolve) => {
    const given = isSignedIn ? { ...headers, 'x-user': 'mallory' } : headers;
    const sent = send(`${url}/token${query}`, { method, headers: given, agent }, (response) => {
      response.resume().once('close', () => resolve(String(response.statusCode)));
    });
    sent.once('error', () => resolve(isCut ? 'left' : 'closed'));
    if (isCut) {
      sent.write(body ?? '');
      setImmediate(() => sent.destroy(new Error('the stranger leaves')));
    } else sent.end(body);
  });
}

const clientIdIn = (jwt: string): unknown =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())['x-ably-clientId'];

describe('two token endpoints behind nginx under hostile requests', () => {
  it(`honest clients get no error beside ${COUNT} hostile requests (seed ${SEED})`, async () => {
    const nginx = await startEndpoints();
    const requests = new HostileRequests(SEED);
    const outcomes = new Map<string, number>();
    const agent = new Agent({ keepAlive: true, maxSockets: STRANGERS });
    onTestFinished(() => agent.destroy());
    let left = COUNT;
    const stranger = async () => {
      for (; left > 0; ) {
        left -= 1;
        const outcome = await outcomeOf(nginx.url, agent, requests.next(), left % 2 === 0);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    let served = 0;
    const errors: unknown[] = [];
    const honest = async () => {
      const auth = new Auth({
        authUrl: `${nginx.url}/token`,
        authHeaders: { 'x-user': 'ada' },
        httpMaxRetryCount: 0,
      });
      for (; left > 0; ) {
        const outcome = await auth.authorize().catch((error: Error) => error);
        if (!(outcome instanceof Error) && clientIdIn(outcome.token) === 'ada') served += 1;
        else errors.push(outcome);
      }
      auth.dispose();
    };
    const since = performance.now();
    await Promise.all([
      ...Array.from({ length: STRANGERS }, stranger),
      ...Array.from({ length: HONEST }, honest),
    ]);
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    console.log(
      `${COUNT} hostile requests in ${seconds} s: ${JSON.stringify(Object.fromEntries([...outcomes].sort()))}; ${HONEST} honest clients: ${served} tokens, ${errors.length} errors`,
    );
    expect(errors).toEqual([]);
    expect(served).toBeGreaterThan(100);
    expect([...outcomes.keys()].filter((outcome) => /^5|closed/.test(outcome))).toEqual([]);
    expect(await nginx.log()).not.toMatch(/upstream/);
  }, 240_000);
});
