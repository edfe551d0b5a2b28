import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { eventually } from '../../kit/eventually.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** On real sockets, where an unread body keeps its connection open. */
describe('auth.fetch on a real server', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A service, and a promise for each path that resolves when its answer's connection has closed. */
  const serve = async (handle: (request: IncomingMessage, response: ServerResponse) => void) => {
    const closed = new Map<string, Promise<void>>();
    const asked = new Map<string, () => void>();
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      closed.set(path, new Promise((resolve) => response.on('close', resolve)));
      asked.get(path)?.();
      request.resume();
      handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const client = (more: ClientOptions = {}) => {
      let count = 0;
      const authCallback = async () => {
        count += 1;
        return `token-${count}`;
      };
      const auth = new Auth({ authCallback, endpoint: '127.0.0.1', tls: false, port, ...more });
      closers.push(() => auth.dispose());
      return auth;
    };
    const whenAsked = (path: string) => new Promise<void>((resolve) => asked.set(path, resolve));
    return { client, closed, whenAsked };
  };

  const isFirst = ({ headers }: IncomingMessage) =>
    headers.authorization === `Bearer ${Buffer.from('token-1').toString('base64')}`;
  const endless = (response: ServerResponse) => {
    const chunk = 'x'.repeat(64 * 1024);
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  const TOKEN_ERROR = { 'x-ably-errorcode': '40142', 'content-type': 'text/plain' };

  it('the client reads only as much of a refusal as it needs, and releases its connection', async () => {
    const { client, closed } = await serve((request, response) => {
      if (!isFirst(request)) return void response.end('fine');
      response.writeHead(401, TOKEN_ERROR);
      endless(response);
    });
    const first = client();
    await first.authorize();
    const response = await first.fetch('/a');
    expect(await response.text()).toBe('fine');
    await closed.get('/a');
  });

  it('the client releases the connections of both refusals if the second token is refused too', async () => {
    const all: Promise<void>[] = [];
    const { client } = await serve((_request, response) => {
      all.push(new Promise((resolve) => response.on('close', resolve)));
      response.writeHead(401, TOKEN_ERROR);
      endless(response);
    });
    await expect(client().fetch('/a')).rejects.toMatchObject({ code: 40142 });
    expect(all).toHaveLength(2);
    await Promise.all(all);
  });

  it('the client releases the connection of a redirect, followed or not', async () => {
    const { client, closed } = await serve((request, response) => {
      if (request.url === '/new') return void response.end('new');
      response.writeHead(302, { location: request.url === '/old' ? '/new' : 'http://other.example/' });
      endless(response);
    });
    const auth = client();
    expect(await (await auth.fetch('/old')).text()).toBe('new');
    await closed.get('/old');
    await expect(auth.fetch('/away')).rejects.toMatchObject({ code: 40003 });
    await closed.get('/away');
  });

  it('the client does not wait without end for a slow body of a 401', async () => {
    const clock = new VirtualClock();
    const { client, closed, whenAsked } = await serve((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.write('{');
    });
    const asked = whenAsked('/a');
    const auth = client({ clock, httpRequestTimeout: 3_000 });
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80003 });
    await asked;
    // The answer must begin before its body can be awaited.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(3_000);
    await rejection;
    await closed.get('/a');
  });

  it('the client returns any other 401 to the caller, with its whole body', async () => {
    const { client } = await serve((_request, response) => {
      response.writeHead(401, { 'content-type': 'text/plain' });
      response.end('x'.repeat(300_000));
    });
    const response = await client().fetch('/a');
    expect((await response.text()).length).toBe(300_000);
  });

  it('an abort by the caller ends a running body, also after a garbage collection', async () => {
    const { client, closed } = await serve((_request, response) => {
      response.writeHead(200);
      response.write('a');
    });
    const auth = client();
    for (const isRequest of [false, true]) {
      const controller = new AbortController();
      const { signal } = controller;
      const { origin } = new URL((await auth.fetch('/a', { signal: AbortSignal.timeout(60_000) })).url);
      const response = await (isRequest
        ? auth.fetch(new Request(`${origin}/b`, { signal }))
        : auth.fetch('/b', { signal }));
      for (let round = 0; round < 5; round += 1) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const reading = expect(response.text()).rejects.toThrow('enough');
      controller.abort(new Error('enough'));
      await reading;
      await closed.get('/b');
    }
  });

  it('a Request that is sent again and again gets no listeners', async () => {
    const { client } = await serve((_request, response) => void response.end('fine'));
    const auth = client();
    const given = new Request((await auth.fetch('/a')).url);
    for (let round = 0; round < 30; round += 1) await (await auth.fetch(given)).text();
    await eventually(() => {
      collect();
      expect(getEventListeners(given.signal, 'abort').length).toBeLessThan(5);
    });
    expect(await (await auth.fetch(given)).text()).toBe('fine');
  });

  it('dispose() does not end a body that the caller is reading', async () => {
    const { client } = await serve((_request, response) => {
      response.writeHead(200);
      response.write('a');
      setTimeout(() => response.end('b'), 30);
    });
    const auth = client();
    const response = await auth.fetch('/a');
    auth.dispose();
    expect(await response.text()).toBe('ab');
  });
});
