import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createRequestListener } from '@remix-run/node-fetch-server';
import express from 'express';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.js';
import { Auth } from '../../src/index.js';
import { type TokenEndpoint, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { waitedFor } from '../kit/short-waits.js';
import { ADA, KEY, NOW } from '../kit/token-endpoint-harness.js';

const PAGE = 'https://app.example.com';
const HOST = '127.0.0.1';

const servers: Readonly<Record<string, (endpoint: TokenEndpoint) => Server>> = {
  'node:http': (endpoint) => createServer(nodeListener(endpoint)).listen(0, HOST),
  Express: (endpoint) => {
    const app = express();
    app.use(express.json(), express.urlencoded());
    app.all('/token', nodeListener(endpoint));
    return app.listen(0, HOST);
  },
  Hono: (endpoint) => {
    const { fetch } = new Hono().all('/token', ({ req }) => endpoint(req.raw));
    return serve({ fetch, port: 0, hostname: HOST }) as Server;
  },
  'a handler of Request, as in a route of Next.js': (endpoint) =>
    createServer(createRequestListener((request) => endpoint(request))).listen(0, HOST),
};

const formats = {
  'a TokenRequest': { format: 'token-request', headers: {}, type: 'application/json', kind: 'TokenRequest' },
  'a JWT in a TokenDetails': { format: 'jwt', headers: {}, type: 'application/json', kind: 'JWT' },
  'a JWT alone': {
    format: 'jwt',
    headers: { accept: 'application/jwt' },
    type: 'application/jwt',
    kind: 'JWT',
  },
} as const;

const cases = Object.keys(servers).flatMap((server) =>
  Object.keys(formats).flatMap((format) =>
    (['GET', 'POST'] as const).map((method) => ({
      server,
      format: format as keyof typeof formats,
      method,
    })),
  ),
);

describe('the doctor and a correct token endpoint', () => {
  it.each(cases)('the doctor finds nothing in $server with $format, by $method', async (one) => {
    const { format, headers, type, kind } = formats[one.format];
    const clock = new VirtualClock(NOW);
    const endpoint = tokenEndpoint({
      auth: new Auth({ key: KEY, clock }),
      grant: () => ADA,
      format,
      cors: { origins: [PAGE], credentials: true, headers: ['x-csrf'] },
    });
    const server = servers[one.server]?.(endpoint) as Server;
    if (!server.listening) await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const report = examine(
      {
        url: `http://${HOST}:${(server.address() as AddressInfo).port}/token`,
        method: one.method,
        headers: { ...headers, 'x-csrf': '1', cookie: 'session=1' },
        params: { room: '7' },
        origin: PAGE,
        clientId: 'ada',
        mau: 'device',
      },
      { clock, timeoutMs: 10_000, fetch, serviceTime: async () => clock.now() },
    );
    const { checks, ok } = await waitedFor(report, clock);
    expect(checks.filter(({ level }) => level === 'warning' || level === 'problem')).toEqual([]);
    expect(ok).toBe(true);
    const observed = (name: string) => checks.find(({ check }) => check === name)?.observed;
    expect([observed('content type'), observed('format')]).toEqual([type, kind]);
    expect(checks.filter(({ level }) => level === 'skipped').map(({ check }) => check)).toEqual(
      format === 'jwt' ? [] : ['token length'],
    );
  });
});
