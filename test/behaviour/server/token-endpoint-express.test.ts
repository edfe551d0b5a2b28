import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { nodeListener } from '../../../src/server/listener.node.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** The answer to a form, and the parameters that grant received. */
async function asked(form: string, middleware: 'none' | 'plain' | 'extended') {
  let seen: Record<string, unknown> | undefined;
  const endpoint = tokenEndpoint({
    auth: new Auth('appId.keyId:secret'),
    grant: (_request, { params }) => {
      seen = Object.fromEntries(params);
      return { clientId: '*', capability: { a: ['*'] } };
    },
  });
  const app = express();
  if (middleware !== 'none') app.use(express.urlencoded({ extended: middleware === 'extended' }));
  app.all('/', nodeListener(endpoint));
  server = createServer(app as RequestListener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form,
  });
  await response.text();
  return { status: response.status, seen };
}

describe('a token endpoint behind a middleware that has read the form', () => {
  it.each([
    ['clientId=ada&clientId=bob', 400, undefined],
    ['room=7&room=8&clientId=ada', 400, undefined],
    ['room[a]=7&room[a]=8', 400, undefined],
    ['clientId=ada&room=7', 200, { clientId: 'ada', room: '7' }],
    ['clientId[x]=1', 200, { 'clientId[x]': '1' }],
    ['room[a][b]=7&room[c]=8', 200, { 'room[a][b]': '7', 'room[c]': '8' }],
    // Two letters from clientId: taken for a mistake.
    ['clientId[]=root', 400, undefined],
    ['clientId=a%26b%3Dc', 200, { clientId: 'a&b=c' }],
  ])('the endpoint receives the same fields as without the middleware: %s', async (form, status, seen) => {
    for (const middleware of ['none', 'plain', 'extended'] as const) {
      expect(await asked(form, middleware)).toEqual({ status, seen });
      server?.close();
    }
  });
});

describe('a token endpoint behind a middleware that has read JSON', () => {
  async function answered(body: string) {
    const endpoint = tokenEndpoint({
      auth: new Auth('appId.keyId:secret'),
      grant: () => ({ clientId: 'ada', capability: { a: ['*'] } }),
    });
    const thrown: unknown[] = [];
    const app = express();
    app.use(express.json({ limit: '2mb' }));
    app.all('/', nodeListener(endpoint));
    const hear: express.ErrorRequestHandler = (error, _request, response, _next) => {
      thrown.push(error);
      response.status(599).end();
    };
    app.use(hear);
    server = createServer(app as RequestListener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return { status: response.status, headers: response.headers, thrown, text: await response.text() };
  }

  it.each([
    ['nested beyond the stack', `{"a":${'['.repeat(25_000)}${']'.repeat(25_000)}}`, 400],
    ['longer than any request', JSON.stringify({ a: 'x'.repeat(1_000_000) }), 413],
  ])(
    'the endpoint refuses a body that is %s, and throws nothing into the server',
    async (_title, body, status) => {
      const answer = await answered(body);
      expect([answer.status, answer.thrown]).toEqual([status, []]);
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 40001 } });
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );
});
