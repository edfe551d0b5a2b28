import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeListener } from '../../../src/server/listener.node.js';
import { EndpointUnderTest } from '../../kit/token-endpoint-harness.js';

let server: Server | http2.Http2Server | undefined;

afterEach(() => {
  if (server !== undefined && 'closeAllConnections' in server) server.closeAllConnections();
  server?.close();
});

/** @returns the address of the server */
async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const { endpoint } = new EndpointUnderTest();

describe('a token endpoint as a request listener', () => {
  it('requests that come at once get an answer each', async () => {
    const url = await serve(nodeListener(endpoint));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_one, ttl) => (await fetch(`${url}?ttl=${ttl + 1}`)).json()),
    );
    expect(answers.map(({ ttl }) => ttl)).toEqual(Array.from({ length: 50 }, (_one, ttl) => ttl + 1));
    expect(new Set(answers.map(({ nonce }) => nonce)).size).toBe(50);
  });

  it.each<[string, () => Promise<Response>]>([
    [
      'throws',
      () => {
        throw new TypeError('a fault of the wrapper');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('a fault of the wrapper'))],
    ['returns nothing', () => Promise.resolve(undefined as never)],
  ])(
    'a wrapper around the endpoint that %s is answered with 500, and the next request as usual',
    async (_what, fail) => {
      let isFirst = true;
      const url = await serve(
        nodeListener((request) => {
          if (!isFirst) return endpoint(request);
          isFirst = false;
          return fail();
        }),
      );
      expect((await fetch(url)).status).toBe(500);
      expect((await fetch(url)).status).toBe(200);
    },
  );

  it('each answer is sent in the context of its request, which AsyncLocalStorage knows', async () => {
    const context = new AsyncLocalStorage<string>();
    const listener = nodeListener(endpoint);
    const url = await serve((request, response) => {
      const writeHead = response.writeHead.bind(response);
      response.writeHead = ((...given: Parameters<typeof writeHead>) => {
        response.setHeader('x-request', context.getStore() ?? 'none');
        return writeHead(...given);
      }) as typeof writeHead;
      context.run(request.url ?? '', () => listener(request, response));
    });
    const queries = Array.from({ length: 40 }, (_one, count) => `?ttl=${count + 1}`);
    const answers = await Promise.all(queries.map((query) => fetch(url + query)));
    expect(answers.map(({ headers }) => headers.get('x-request'))).toEqual(
      queries.map((query) => `/token${query}`),
    );
  });

  it('an answer whose header was sent before gets its body', async () => {
    const listener = nodeListener(endpoint);
    const url = await serve((request, response) => {
      response.flushHeaders();
      listener(request, response);
    });
    expect(await (await fetch(url)).json()).toMatchObject({ clientId: 'ada' });
  });

  it('an answer that cannot be sent ends its request, and no other', async () => {
    const listener = nodeListener(endpoint);
    const url = await serve((request, response) => {
      if (request.url?.endsWith('?broken'))
        response.writeHead = () => {
          throw new Error('a fault of the application');
        };
      listener(request, response);
    });
    await expect(fetch(`${url}?broken`)).rejects.toThrow('fetch failed');
    expect(await (await fetch(url)).json()).toMatchObject({ clientId: 'ada' });
  });

  it('a header that the application adds to an answer is sent', async () => {
    const url = await serve(
      nodeListener(async (request) => {
        const response = await endpoint(request);
        response.headers.set('x-app', 'one');
        return response;
      }),
    );
    const response = await fetch(url);
    expect(response.headers.get('x-app')).toBe('one');
    expect(await response.json()).toMatchObject({ clientId: 'ada' });
  });

  it('an answer of the platform, and one that is a stream, are sent', async () => {
    const url = await serve(
      nodeListener(async (request) => {
        const response = await endpoint(request);
        return request.url.endsWith('?stream')
          ? (response.clone() as Response)
          : new Response(await response.text(), { headers: { 'x-app': 'two' } });
      }),
    );
    expect((await fetch(url)).headers.get('x-app')).toBe('two');
    expect(await (await fetch(`${url}?stream`)).json()).toMatchObject({ clientId: 'ada' });
  });

  it('an answer without a body is sent', async () => {
    const response = await fetch(await serve(nodeListener(endpoint)), { method: 'OPTIONS' });
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('a request that a time limit of the application has answered gets no second answer', async () => {
    const failures: unknown[] = [];
    const listener = nodeListener(endpoint);
    const url = await serve((request, response) => {
      response.on('error', (error) => failures.push(error));
      listener(request, response);
      response.writeHead(503).end('too late');
    });
    for (let count = 0; count < 3; count += 1)
      expect(await (await fetch(url, { method: count === 1 ? 'PUT' : 'GET' })).text()).toBe('too late');
    expect(failures).toEqual([]);
  });

  it('a client of HTTP/2 gets its token', async () => {
    server = http2.createServer(nodeListener(endpoint) as never);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const stream = client.request({ ':path': '/token' });
    stream.setEncoding('utf8');
    let text = '';
    for await (const part of stream) text += part;
    client.close();
    expect(JSON.parse(text)).toMatchObject({ clientId: 'ada' });
  });
});
