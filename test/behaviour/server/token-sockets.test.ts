import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  refuse,
  type TokenConnection,
  type TokenSocketsOptions,
  tokenSockets,
} from '../../../src/server/ws/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { eventually } from '../../kit/eventually.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

/** A server on a real port, whose tokens are texts `identity:lifeMs`. Its time is virtual. */
async function serve(options: Partial<TokenSocketsOptions<WebSocket>> = {}) {
  const clock = new VirtualClock();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1_000_000 });
  const connections: TokenConnection<WebSocket>[] = [];
  const received: string[] = [];
  const errors: unknown[] = [];
  server.on(
    'connection',
    tokenSockets<WebSocket>({
      clock,
      verify: (text) => {
        const [identity = '', life] = text.split(':');
        if (identity === 'nobody') return null;
        if (identity === 'banned') return refuse(403, 'ä'.repeat(200));
        if (identity === 'down') throw new Error(`no answer for ${text}`);
        return { identity, ...(life === undefined ? {} : { expires: clock.now() + Number(life) }) };
      },
      onConnection: (connection) => {
        connections.push(connection);
        connection.onMessage((data) => received.push(`${connection.identity}: ${data}`));
      },
      onError: (error) => errors.push(error),
      ...options,
    }),
  );
  await once(server, 'listening');
  undo.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { clock, server, connections, received, errors, address };
}

/** A client that keeps what it receives. */
function client(address: string, protocols: string[] = []) {
  const socket = new WebSocket(address, protocols, { autoPong: true });
  const messages: unknown[] = [];
  const closed: [number, string][] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  socket.on('close', (code, reason) => closed.push([code, String(reason)]));
  socket.on('error', () => {});
  undo.push(() => socket.terminate());
  const send = (message: unknown) =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  return { socket, messages, closed, send, opened: once(socket, 'open') };
}

const authenticate = (token: unknown, id?: unknown) => ({ type: 'authenticate', token, id });

/** A client whose first token was accepted. */
async function connected(address: string, token = 'ada:60000') {
  const one = client(address);
  await one.opened;
  one.send(authenticate(token));
  await eventually(() => expect(one.messages).toHaveLength(1));
  one.messages.splice(0);
  return one;
}

describe('a WebSocket with a token', () => {
  it('a first message with a token is accepted, and its answer has its id', async () => {
    const { address, connections, received } = await serve();
    const one = client(address);
    await one.opened;
    one.send(authenticate('ada:60000', 'first'));
    await eventually(() =>
      expect(one.messages).toEqual([{ type: 'accepted', id: 'first', expiresInMs: 60_000 }]),
    );
    one.send('hello');
    await eventually(() => expect(received).toEqual(['ada: hello']));
    expect(connections.map(({ identity }) => identity)).toEqual(['ada']);
  });

  it('a token in a subprotocol is accepted, and the server names no protocol with a token', async () => {
    const { address } = await serve();
    const token = `latchkey.token.${Buffer.from('ada/=:60000').toString('base64url')}`;
    const one = client(address, ['latchkey', token]);
    await eventually(() => expect(one.messages).toEqual([{ type: 'accepted', expiresInMs: 60_000 }]));
    expect(one.socket.protocol).toBe('latchkey');
  });

  it('a token in the query is accepted only if the option from says so', async () => {
    const { address } = await serve({ from: ['query'] });
    const one = client(`${address}/?a=b&access_token=ada%3A60000`);
    await eventually(() => expect(one.messages).toEqual([{ type: 'accepted', expiresInMs: 60_000 }]));
    const { address: other, clock } = await serve();
    const refused = client(`${other}/?access_token=ada%3A60000`);
    await refused.opened;
    await eventually(() => expect(clock.pending).toBe(1));
    await clock.advance(10_000);
    await eventually(() => expect(refused.closed).toEqual([[4401, '40140 no token came in time']]));
    expect(refused.messages).toEqual([]);
  });

  it('the server asks for a successor, and the connection continues with it', async () => {
    const { address, clock, connections } = await serve();
    const one = await connected(address);
    await clock.advance(48_000);
    await eventually(() => expect(one.messages).toEqual([{ type: 'token.asked', expiresInMs: 12_000 }]));
    one.send(authenticate('ada:90000', 2));
    await eventually(() =>
      expect(one.messages.at(-1)).toEqual({ type: 'accepted', id: 2, expiresInMs: 90_000 }),
    );
    await clock.advance(60_000);
    expect(one.closed).toEqual([]);
    expect(connections).toHaveLength(1);
    expect(connections[0]?.token.expires).toBe(clock.now() + 30_000);
  });

  it('a connection without a successor is closed with 4401 when its token expires', async () => {
    const { address, clock, received } = await serve();
    const one = await connected(address);
    await clock.advance(60_000);
    one.send('too late');
    await eventually(() => expect(one.closed).toEqual([[4401, '40142 the token has expired']]));
    expect(received).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('a message that comes while the machine wakes up is not passed on', async () => {
    const { address, clock, received } = await serve();
    const one = await connected(address);
    clock.sleep(120_000);
    one.send('too late');
    await eventually(() => expect(one.closed).toEqual([[4401, '40142 the token has expired']]));
    expect(received).toEqual([]);
  });

  it('a token for another identity is refused, and the connection continues with its own', async () => {
    const { address, received } = await serve();
    const one = await connected(address);
    one.send(authenticate('bob:90000', 2));
    await eventually(() => expect(one.messages).toMatchObject([{ type: 'refused', id: 2, code: 40102 }]));
    one.send('hello');
    await eventually(() => expect(received).toEqual(['ada: hello']));
  });

  it('a refused successor leaves the connection as it was', async () => {
    const { address, received } = await serve();
    const one = await connected(address);
    for (const [token, code] of [
      ['nobody', 40140],
      ['banned', 40300],
      ['down', 50003],
      [7, 40144],
    ]) {
      one.send(authenticate(token, `${code}`));
      await eventually(() =>
        expect(one.messages.at(-1)).toMatchObject({ type: 'refused', id: `${code}`, code }),
      );
    }
    one.send('hello');
    await eventually(() => expect(received).toEqual(['ada: hello']));
  });

  it.each<[string, unknown, number, number]>([
    ['a refused token', 'nobody', 40140, 4401],
    ['a user who may not connect', 'banned', 40300, 4403],
    ['a token that could not be verified', 'down', 50003, 1013],
    ['no token', undefined, 40144, 4401],
    ['a token of the wrong type', { a: 1 }, 40144, 4401],
  ])('a connection with %s is answered and closed', async (_title, token, code, closeCode) => {
    const { address, clock, connections } = await serve();
    const one = client(address);
    await one.opened;
    one.send(authenticate(token, 1));
    await eventually(() => expect(one.closed.map(([given]) => given)).toEqual([closeCode]));
    expect(one.closed[0]?.[1]).toMatch(new RegExp(`^${code} `));
    expect(one.messages).toMatchObject([{ type: 'refused', id: 1, code }]);
    expect([connections, clock.pending]).toEqual([[], 0]);
  });

  it.each<[string, unknown]>([
    ['text that is no JSON', '"authenticate"'],
    ['another type', { type: 'hello' }],
    ['a list', '["authenticate"]'],
    ['a deep value', `{"type":"authenticate","token":${'['.repeat(9_000)}${']'.repeat(9_000)}}`],
    ['bytes', Buffer.from(JSON.stringify(authenticate('ada')))],
    ['a huge token', JSON.stringify(authenticate('a'.repeat(900_000)))],
    ['an id that is an object', authenticate('ada', {})],
    ['an id that is too long', authenticate('ada', 'x'.repeat(65))],
  ])('a first message that is unusable closes the connection: %s', async (_title, message) => {
    const { address, clock, connections } = await serve();
    const one = client(address);
    await one.opened;
    one.send(message);
    await eventually(() => expect(one.closed.map(([given]) => given)).toEqual([4400]));
    expect([connections, clock.pending]).toEqual([[], 0]);
  });

  it('a frame that is larger than the server takes ends its connection, and not the process', async () => {
    const { address, received } = await serve();
    const one = await connected(address);
    one.send('x'.repeat(1_000_001));
    await eventually(() => expect(one.closed.map(([given]) => given)).toEqual([1009]));
    expect(received).toEqual([]);
  });

  it('a client that leaves while its token is verified leaves no timer', async () => {
    let verified = () => {};
    const { address, clock, connections, server } = await serve({
      verify: () =>
        new Promise((resolve) => {
          verified = () => resolve({ identity: 'ada', expires: clock.now() + 60_000 });
        }),
    });
    const one = client(address);
    await one.opened;
    one.send(authenticate('ada'));
    await eventually(() => expect(String(verified)).toContain('resolve'));
    one.socket.terminate();
    await eventually(() => expect(server.clients.size).toBe(0));
    verified();
    await new Promise(setImmediate);
    expect([connections, clock.pending]).toEqual([[], 0]);
  });

  it('of many tokens at once two are verified, and each has an answer', async () => {
    let calls = 0;
    const { address } = await serve({
      verify: async () => {
        calls += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { identity: 'ada' };
      },
    });
    const one = client(address);
    await one.opened;
    for (let id = 0; id < 500; id += 1) one.send(authenticate('ada', id));
    await eventually(() => expect(one.messages).toHaveLength(500));
    expect(one.messages.filter((message) => (message as { type: string }).type === 'accepted').length).toBe(
      calls,
    );
    expect(calls).toBeLessThan(250);
    expect(one.closed).toEqual([]);
  });

  it('an error of the application ends its connection, and not the process', async () => {
    for (const onConnection of [
      () => {
        throw new Error('mine');
      },
      async () => {
        throw new Error('mine');
      },
      (connection: TokenConnection<WebSocket>) => {
        connection.onMessage(() => {
          throw new Error('mine');
        });
      },
    ]) {
      const { address, errors } = await serve({ onConnection });
      const one = client(address);
      await one.opened;
      one.send(authenticate('ada'));
      await eventually(() => expect(one.messages).toHaveLength(1));
      one.send('hello');
      await eventually(() => expect(one.closed.map(([code]) => code)).toEqual([1011]));
      expect(errors).toMatchObject([{ code: 50000 }]);
    }
  });

  it('a client that never reads its answers is disconnected', async () => {
    const listeners = new Map<string, (data: Buffer, isBinary: boolean) => void>();
    const calls: string[] = [];
    const socket = {
      bufferedAmount: 2_000_000,
      send: () => calls.push('send'),
      close: () => calls.push('close'),
      terminate: () => calls.push('terminate'),
      on: (name: string, listener: (...given: never[]) => void) =>
        listeners.set(name, listener as () => void),
    };
    tokenSockets({ verify: () => ({ identity: 'ada' }), onConnection() {} })(socket, { headers: {} });
    listeners.get('message')?.(Buffer.from(JSON.stringify(authenticate('ada'))), false);
    await new Promise(setImmediate);
    expect(calls).toEqual(['terminate']);
  });

  it('errors and closes show no token', async () => {
    const { address, errors } = await serve();
    const one = client(address);
    await one.opened;
    one.send(authenticate('down:secret-of-ada'));
    await eventually(() => expect(one.closed).toHaveLength(1));
    expect(errors).toHaveLength(1);
    expect(JSON.stringify([errors, one.closed, one.messages]) + String(errors[0])).not.toContain(
      'secret-of-ada',
    );
  });

  it('the options are checked by name', () => {
    const valid = { verify: () => null, onConnection: () => {} };
    for (const [name, options] of [
      ['verify', { ...valid, verify: undefined }],
      ['verify', { ...valid, verify: 'jwt' }],
      ['onConnection', { ...valid, onConnection: undefined }],
      ['from', { ...valid, from: 'query' }],
      ['from', { ...valid, from: [] }],
      ['from', { ...valid, from: ['cookie'] }],
      ['askBefore', { ...valid, askBefore: -1 }],
      ['timeout', { ...valid, timeout: Number.NaN }],
      ['maxTokenLength', { ...valid, maxTokenLength: '1' }],
      ['onError', { ...valid, onError: 7 }],
      ['clock', { ...valid, clock: {} }],
      ['verfy', { ...valid, verfy: () => null }],
      ['options', null],
    ] as const)
      expect(() => tokenSockets(options as never)).toThrow(name);
  });
});
