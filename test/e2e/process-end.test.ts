import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { NodeChild } from './node-child.js';

const servers: Server[] = [];
const sandboxes: Sandbox[] = [];

afterEach(async () => {
  await NodeChild.endAll();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.dispose()));
});

/** A service that can leave its port and return to it. */
async function service() {
  const sandbox = createSandbox();
  sandboxes.push(sandbox);
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  let listening = await sandbox.listen();
  const { port, host } = listening;
  return {
    options: JSON.stringify({ endpoint: host, port, tls: false }),
    key,
    goDown: () => listening.close(),
    comeBack: async () => {
      listening = await sandbox.listen({ port });
    },
  };
}

/** How long endpoint and service are away in the test of an outage, ms; the long suite takes a minute. */
const AWAY_MS = Number(process.env.AWAY_MS ?? 0);

/** A token endpoint that can be taken from its port and put back there. */
async function tokenEndpointOf(key: string, service: string, ttl: number) {
  const backend = new Auth({ ...JSON.parse(service), key, useTokenAuth: true, logLevel: 'none' });
  const server = createServer((_request, response) => {
    backend.requestToken({ ttl }).then(
      (token) => response.setHeader('content-type', 'application/json').end(JSON.stringify(token)),
      () => response.writeHead(503).end(),
    );
  });
  servers.push(server);
  const listen = (port = 0) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/token`,
    goDown: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
    comeBack: () => listen(port),
  };
}

/** An address at which requests are accepted and never answered. */
async function hangingUrl(): Promise<string> {
  const server = createServer(() => {});
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const imports = `
import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
const hang = () => new Promise(() => {});
const quick = { base: 20, cap: 40 };
const aToken = (ms) => ({ token: 'token-' + Math.random(), issued: Date.now(), expires: Date.now() + ms });
`;

/** `daemon()` makes a client of the service with its connection. */
const daemonOf = ({ options, key }: { options: string; key: string }, more = '') => `${imports}
const service = ${options};
const daemon = () => {
  const connection = new RealtimeConnection({
    ...service, disconnectedRetryTimeout: 50, suspendedRetryTimeout: 50, logLevel: 'none', ${more}
  });
  const auth = new Auth({
    ...service, key: '${key}', useTokenAuth: true, connection, renewal: { retry: quick }, logLevel: 'none',
    ...(${more.includes('keepAlive')} ? { keepAlive: false } : {}),
  });
  auth.on('connection.changed', ({ state }) => console.log('connection ' + state));
  return { auth, connection };
};
`;

const run = (program: string) => new NodeChild(program);

describe('a Node process with a connection', () => {
  it('the process outlives its server, and connects again when the server is back', async () => {
    const backend = await service();
    const child = run(`${daemonOf(backend)}daemon();`);
    await child.says('connection connected');
    await backend.goDown();
    await child.says('connection disconnected', 4);
    await backend.comeBack();
    await child.says('connection connected', 2);
  });

  it('the process outlives a server that is away for longer than it keeps connections', async () => {
    const backend = await service();
    const child = run(`${daemonOf(backend, 'connectionStateTtl: 100')}daemon();`);
    await backend.goDown();
    await child.says('connection suspended', 3);
    await backend.comeBack();
    await child.says('connection connected');
  });

  it('the process may start before its backend', async () => {
    const backend = await service();
    await backend.goDown();
    const child = run(`${daemonOf(backend)}daemon();`);
    await child.says('connection disconnected', 3);
    await backend.comeBack();
    await child.says('connection connected');
  });

  it(
    'the process with nothing but an Auth outlives its endpoint and its service, and is connected again',
    async () => {
      const backend = await service();
      const isShort = AWAY_MS === 0;
      const endpoint = await tokenEndpointOf(backend.key, backend.options, isShort ? 3_000 : 20_000);
      const quick = isShort
        ? 'disconnectedRetryTimeout: 50, suspendedRetryTimeout: 50, connectionStateTtl: 100,'
        : '';
      const child = run(`${imports}
      const connection = new RealtimeConnection({ ...${backend.options}, ${quick} logLevel: 'none' });
      connection.onStateChange(({ current }) => console.log('connection ' + current));
      new Auth({
        authUrl: '${endpoint.url}', connection,
        ${isShort ? 'renewal: { retry: quick }, ' : ''}logHandler: (text) => console.log(text),
      });`);
      await child.says('connection connected');
      await Promise.all([backend.goDown(), endpoint.goDown()]);
      await child.says('connection disconnected');
      await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      // Its token died meanwhile, and there was no other to be had.
      await child.says('no token');
      await Promise.all([backend.comeBack(), endpoint.comeBack()]);
      await child.says('connection connected', 2);
    },
    AWAY_MS + 180_000,
  );

  it('the process may start before its backend with an API key and no Auth', async () => {
    const backend = await service();
    await backend.goDown();
    const child = run(`${imports}
      import { WebSocket } from 'ws';
      // A key is sent only with TLS, which the service here does not have.
      class Plain extends WebSocket {
        constructor(url) {
          super(url.replace('wss:', 'ws:'));
        }
      }
      const { endpoint, port: tlsPort } = ${backend.options};
      const key = '${backend.key}';
      const connection = new RealtimeConnection({
        endpoint, tlsPort, key, WebSocket: Plain, disconnectedRetryTimeout: 50,
      });
      connection.onStateChange(({ current }) => console.log('connection ' + current));`);
    await child.says('connection disconnected', 3);
    await backend.comeBack();
    await child.says('connection connected');
  });

  it('the process stays alive with the official SDK as its connection', async () => {
    const backend = await service();
    const child = run(`${imports}
      import * as Ably from 'ably';
      import { ablyJs } from 'latchkey/connection/ably-js';
      const service = ${backend.options};
      const { endpoint, ...rest } = service;
      const connection = ablyJs((authCallback) => new Ably.Realtime({
        ...rest, realtimeHost: endpoint, restHost: endpoint, authCallback, disconnectedRetryTimeout: 50, logLevel: 0,
      }));
      const auth = new Auth({ ...service, key: '${backend.key}', useTokenAuth: true, connection, logLevel: 'none' });
      auth.on('connection.changed', ({ state }) => console.log('connection ' + state));`);
    await child.says('connection connected');
    await backend.goDown();
    await child.says('connection disconnected', 3);
    await backend.comeBack();
    await child.says('connection connected', 2);
  });

  it('the process gets the first token of a connection that has no timer', async () => {
    const child = run(`${imports}
      let tries = 0;
      const connection = {
        state: 'connecting',
        attach: (report) => {
          queueMicrotask(() => report({ type: 'token.needed' }));
          return () => {};
        },
        push: async ({ type }) => console.log(type),
      };
      const auth = new Auth({
        authCallback: async () => {
          tries += 1;
          if (tries < 3) throw new Error('not yet');
          return aToken(60_000);
        },
        connection, renewal: { retry: quick }, logLevel: 'none',
      });`);
    const { code, out } = await child.ended;
    expect(out.trim().split('\n').at(-1)).toBe('connection.open');
    expect(code).toBe(0);
  });

  it.each([
    ['whose servers are away', true, 'disconnected'],
    ['that are connected', false, 'connected'],
  ])(
    'the process ends by itself after close(), forget() and dispose() of clients %s',
    async (_what, isAway, state) => {
      const backend = await service();
      if (isAway) await backend.goDown();
      const ends = [
        'connection.close()',
        'connection.close(); auth.dispose()',
        'connection.dispose()',
        'connection.dispose(); auth.dispose()',
        'auth.forget()',
        'auth.dispose(); if (connection.state === "connected") connection.close()',
      ];
      const lives = ends.map(
        (end) => `{
        const { auth, connection } = daemon();
        const subscription = auth.token$.subscribe();
        connection.once('${state}', () => { subscription.unsubscribe(); ${end}; });
      }`,
      );
      const child = run(`${daemonOf(backend)}${lives.join('\n')}`);
      expect(await child.ended).toMatchObject({ code: 0, err: '' });
    },
  );

  it('the open socket of a connection keeps the process alive', async () => {
    const backend = await service();
    const child = run(`${daemonOf(backend, 'keepAlive: false')}
      const { connection } = daemon();
      connection.onMessage(() => {});
      connection.on('connected', async () => {
        for (let count = 0; count < 20; count += 1) await connection.ping();
        setTimeout(() => console.log('still here'), 300).unref();
      });`);
    await child.says('still here');
  });

  it('the process ends with its server if keepAlive is false', async () => {
    const backend = await service();
    const child = run(`${daemonOf(backend, 'keepAlive: false')}daemon();`);
    await child.says('connection connected');
    await backend.goDown();
    expect(await child.ended).toMatchObject({ code: 0, err: '' });
  });
});

/** A client whose source and service never answer. */
const client = (more: string) => `new Auth({
  realtimeRequestTimeout: 200, httpRequestTimeout: 200, logLevel: 'none', fetch: hang, ${more}
})`;
const withCallback = client('authCallback: hang');
const withKey = client("key: 'app.key:secret'");

describe('a pending promise', () => {
  it.each([
    ['authorize()', withCallback, 'auth.authorize()', 40170],
    ['authorize() with a callback', withCallback, 'new Promise((_, no) => auth.authorize(no))', 40170],
    ['getToken()', withCallback, 'auth.getToken()', 40170],
    ['requestToken()', withCallback, 'auth.requestToken()', 40170],
    ['require()', withCallback, "auth.require({ 'chat:*': ['subscribe'] })", 40170],
    ['fetch() for its token', withCallback, "auth.fetch('/time')", 40170],
    ['fetch() for its answer', withKey, "auth.fetch('/time')", 80003],
    ['authorize() with a key', withKey, 'auth.authorize()', 40170],
    [
      'createTokenRequest()',
      withKey,
      'auth.createTokenRequest(null, { key: "app.key:secret", queryTime: true })',
      80014,
    ],
    ['revokeTokens()', withKey, "auth.revokeTokens({ type: 'clientId', value: 'ada' })", 80014],
    ['time()', withKey, 'auth.time()', 80014],
    ['the first value of token$', withCallback, 'first(auth.token$)', 'never'],
  ])('%s keeps the process alive until it is settled', async (_what, made, call, code) => {
    const child = run(`${imports}
      const auth = ${made};
      const first = (stream) => new Promise((resolve) => {
        stream.subscribe(resolve);
        auth.on('failed', ({ attempts }) => attempts > 1 && auth.dispose());
        stream.subscribe({ complete: () => resolve(Promise.reject({ code: 'never' })) });
      });
      await ${call}.catch((error) => console.log('rejected with ' + error.code));`);
    expect(await child.ended).toEqual({ code: 0, out: `rejected with ${code}\n`, err: '' });
  });

  it('authorize() keeps the process alive with an authUrl that never answers', async () => {
    const child = run(`${imports}
      const auth = new Auth({ authUrl: '${await hangingUrl()}', realtimeRequestTimeout: 200, logLevel: 'none' });
      await auth.authorize().catch((error) => console.log('rejected with ' + error.code));`);
    expect(await child.ended).toEqual({ code: 0, out: 'rejected with 40170\n', err: '' });
  });

  it('ping() keeps the process alive until its answer is overdue', async () => {
    const child = run(`${imports}
      const connection = new RealtimeConnection({ realtimeRequestTimeout: 200 });
      connection.connect();
      await connection.ping().catch((error) => console.log('rejected with ' + error.code));`);
    expect(await child.ended).toEqual({ code: 0, out: 'rejected with 80014\n', err: '' });
  });

  it('a token endpoint keeps the process alive until a request is answered', async () => {
    const child = run(`${imports}
      import { tokenEndpoint } from 'latchkey/server';
      const endpoint = tokenEndpoint({ auth: new Auth('app.key:secret'), grant: hang, timeout: 100, onError: () => {} });
      const { status } = await endpoint(new Request('http://127.0.0.1/token'));
      console.log('answered with ' + status);`);
    expect(await child.ended).toEqual({ code: 0, out: 'answered with 500\n', err: '' });
  });

  it('a push to another adapter keeps the process alive until it is settled', async () => {
    const child = run(`${imports}
      class Deaf { send() {} close() {} }
      const connection = new RealtimeConnection({
        WebSocket: Deaf, realtimeRequestTimeout: 100, disconnectedRetryTimeout: 50, connectionStateTtl: 300,
        fetch: async () => new Response('no'), logLevel: 'none',
      });
      const event = { type: 'connection.open', token: { token: 'a' } };
      await connection.push(event, new AbortController().signal)
        .catch((error) => console.log('rejected with ' + error.code));`);
    expect(await child.ended).toEqual({ code: 0, out: 'rejected with 80014\n', err: '' });
  });

  it.each([
    ['keepAlive: false', withCallback.replace('hang\n', 'hang, keepAlive: false\n')],
    ['a clock that holds none', client('authCallback: hang, clock: new VirtualClock()')],
  ])('the process ends with %s', async (_what, made) => {
    const child = run(`${imports}
      import { VirtualClock } from 'latchkey/testing';
      const auth = ${made};
      for (const call of ['authorize', 'getToken', 'requestToken', 'time']) auth[call]().catch(() => {});
      auth.fetch('/time').catch(() => {});
      auth.require({ 'chat:*': ['subscribe'] }).catch(() => {});
      auth.token$.subscribe();`);
    expect(await child.ended).toEqual({ code: 0, out: '', err: '' });
  });

  it.each(['dispose', 'forget'])('%s() releases the process', async (call) => {
    const child = run(`${imports}
      const auth = new Auth({ authCallback: hang, logLevel: 'none' });
      auth.authorize().catch((error) => console.log('rejected with ' + error.code));
      auth.token$.subscribe();
      setTimeout(() => auth.${call}(), 50);`);
    expect(await child.ended).toEqual({ code: 0, out: 'rejected with 80017\n', err: '' });
  });
});

const failsTwice = `
let tries = 0;
const authCallback = async () => {
  tries += 1;
  if (tries < 3) throw new Error('not yet');
  return aToken(60_000);
};
`;

describe('a subscriber of token$', () => {
  it('a subscriber keeps the process alive until the source is back and the first token arrives, and not longer', async () => {
    const child = run(`${imports}${failsTwice}
      const auth = new Auth({ authCallback, renewal: { retry: quick }, logLevel: 'none' });
      auth.token$.subscribe(() => console.log('a token'));`);
    expect(await child.ended).toEqual({ code: 0, out: 'a token\n', err: '' });
  });

  it('a subscriber keeps the process alive after its token expired, while another one is requested', async () => {
    const child = run(`${imports}
      let isFirst = true;
      let failures = null;
      const authCallback = async () => {
        if (isFirst) {
          isFirst = false;
          return aToken(300);
        }
        if (failures === null || failures < 3) {
          if (failures !== null) failures += 1;
          throw new Error('not now');
        }
        return aToken(60_000);
      };
      const auth = new Auth({ authCallback, renewal: { retry: quick }, logLevel: 'none' });
      auth.token$.subscribe(() => console.log('a token'));
      const busy = setInterval(() => {}, 1_000);
      auth.on('expired', () => {
        failures = 0;
        clearInterval(busy);
      });`);
    expect(await child.ended).toEqual({ code: 0, out: 'a token\na token\n', err: '' });
  });

  it('a subscriber that unsubscribes releases the process', async () => {
    const child = run(`${imports}
      const auth = new Auth({ authCallback: hang, logLevel: 'none' });
      const subscription = auth.token$.subscribe();
      setTimeout(() => subscription.unsubscribe(), 50);`);
    expect(await child.ended).toEqual({ code: 0, out: '', err: '' });
  });

  it('a subscriber does not keep the process alive if the source answers 403', async () => {
    const child = run(`${imports}
      import { StopRenewing } from 'latchkey';
      const authCallback = async () => { throw new StopRenewing('signed out'); };
      const auth = new Auth({ authCallback, logLevel: 'none' });
      auth.token$.subscribe();
      auth.on('failed', ({ final }) => console.log('final ' + final));`);
    expect(await child.ended).toEqual({ code: 0, out: 'final true\n', err: '' });
  });
});

describe('a process without a pending promise', () => {
  it('the process ends with valid tokens, their subscribers, and planned renewals', async () => {
    const child = run(`${imports}
      const auths = [0, 1, 2].map(() => new Auth({ authCallback: async () => aToken(600_000), logLevel: 'none' }));
      await Promise.all(auths.map((auth) => auth.getToken()));
      const [, streams, events] = auths;
      streams.token$.subscribe();
      streams.state$.subscribe();
      events.on('renewed', () => {});
      events.on('failed', () => {});
      console.log(auths.map(({ state }) => state.next.step).join());`);
    expect(await child.ended).toEqual({ code: 0, out: 'renew,renew,renew\n', err: '' });
  });

  it('the process ends by itself with a token that was renewed at its authUrl', async () => {
    const backend = await service();
    const { url } = await tokenEndpointOf(backend.key, backend.options, 20_000);
    const child = run(`${imports}
      // Renewed soon, long before it dies.
      const auth = new Auth({ authUrl: '${url}', random: () => 0.99, logLevel: 'none' });
      await auth.getToken();
      const busy = setInterval(() => {}, 1_000);
      auth.on('renewed', () => {
        console.log('renewed');
        clearInterval(busy);
      });`);
    expect(await child.ended).toEqual({ code: 0, out: 'renewed\n', err: '' });
  });

  it('the process ends in the middle of a renewal', async () => {
    const child = run(`${imports}
      let tries = 0;
      const authCallback = () => (++tries === 1 ? aToken(20_000) : hang());
      // The token is renewed soon, long before it expires.
      const auth = new Auth({ authCallback, random: () => 0.99, logLevel: 'none' });
      auth.token$.subscribe();
      const busy = setInterval(() => {}, 1_000);
      auth.state$.subscribe(({ value }) => {
        if (value !== 'renewing') return;
        console.log(value);
        clearInterval(busy);
      });`);
    expect(await child.ended).toEqual({ code: 0, out: 'renewing\n', err: '' });
  });

  it('the process ends between two tries of a renewal', async () => {
    const child = run(`${imports}
      let tries = 0;
      const authCallback = async () => {
        tries += 1;
        if (tries > 1) throw new Error('not now');
        return aToken(20_000);
      };
      const auth = new Auth({ authCallback, random: () => 0.99, logLevel: 'none' });
      auth.token$.subscribe();
      const busy = setInterval(() => {}, 1_000);
      auth.on('renewal.failed', () => {
        console.log('failed');
        clearInterval(busy);
      });`);
    expect(await child.ended).toEqual({ code: 0, out: 'failed\n', err: '' });
  });

  it('the process ends after a failed call, although the client would try again', async () => {
    const child = run(`${imports}
      const authCallback = async () => { throw new Error('not now'); };
      const auth = new Auth({ authCallback, logLevel: 'none' });
      await auth.getToken().catch((error) => console.log('rejected with ' + error.code));
      console.log(auth.state.next.step);`);
    expect(await child.ended).toEqual({ code: 0, out: 'rejected with 40170\nretry\n', err: '' });
  });

  it('the process ends with a connection that waits for an Auth', async () => {
    const child = run(`${imports}
      const connection = new RealtimeConnection();
      connection.connect();
      console.log(connection.state);`);
    expect(await child.ended).toEqual({ code: 0, out: 'connecting\n', err: '' });
  });
});
