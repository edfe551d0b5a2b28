import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import * as byExpress from '../../examples/token-endpoint/express.js';
import * as byHono from '../../examples/token-endpoint/hono.js';
import * as route from '../../examples/token-endpoint/next/app/api/token/route.js';
import * as byNode from '../../examples/token-endpoint/node.js';
import { nodeListener } from '../../src/server/listener.node.js';

/** A route handler is called by its method, as Next.js does; Next.js itself does not run here. */
const byNext = {
  start: (port: number): Server => {
    const { GET, POST } = route;
    const call = nodeListener((request) => (request.method === 'POST' ? POST(request) : GET(request)));
    return createServer(call).listen(port, '127.0.0.1');
  },
};

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

describe.each([
  ["Node's http", byNode],
  ['Express', byExpress],
  ['Hono', byHono],
  ['a Next.js route handler', byNext],
])('the example for %s', (_name, { start }) => {
  async function started(): Promise<string> {
    server = start(0);
    if (!server.listening) await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/token`;
  }

  it('the example answers a signed-in user with a token, by GET, by a form and by JSON', async () => {
    const url = await started();
    const headers = { cookie: 'theme=dark; session=s-1' };
    const form = { method: 'POST', headers, body: new URLSearchParams({ ttl: '60000', clientId: 'bob' }) };
    const json = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ttl: 60_000 }),
    };
    const asked = [fetch(`${url}?ttl=60000`, { headers }), fetch(url, form), fetch(url, json)];
    for (const response of await Promise.all(asked)) {
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
      const { issued, expires, ...rest } = await response.json();
      expect(expires - issued).toBe(60_000);
      expect(rest).toEqual({
        clientId: 'ada',
        capability: '{"chat:*":["publish","subscribe"],"inbox:ada":["subscribe"]}',
        token: expect.any(String),
      });
    }
  });

  it.each([
    ['no user is signed in', 'session=s-9', 401, 40101],
    ['the account is closed', 'session=s-2', 403, 40300],
  ])('the example refuses when %s', async (_why, cookie, status, code) => {
    const response = await fetch(await started(), { headers: { cookie } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ error: { code, statusCode: status } });
  });
});
