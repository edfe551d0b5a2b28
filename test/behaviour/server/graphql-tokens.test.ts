import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
// The file that graphql-ws loads in Node: two copies of graphql refuse each other's schemas.
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql/index.js';
import { type Client, createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { graphqlTokens, refuse } from '../../../src/server/graphql-ws/index.js';
import type { LiveOptions } from '../../../src/server/ws/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { eventually } from '../../kit/eventually.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

/** The server of graphql-ws, whose tokens are texts `identity:lifeMs`. The time of the tokens is virtual. */
async function serve(options: Partial<LiveOptions> = {}) {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const ran: string[] = [];
  const tokens = graphqlTokens({
    clock,
    verify: (text) => {
      const [identity = '', life] = text.split(':');
      if (identity === 'nobody') return null;
      if (identity === 'banned') return refuse(403, 'ä'.repeat(200));
      if (identity === 'down') throw new Error(`no answer for ${text}`);
      return { identity, ...(life === undefined ? {} : { expires: clock.now() + Number(life) }) };
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  const ticks = new Set<() => void>();
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { me: { type: GraphQLString, resolve: (_root, _args, { user }) => ran.push(user) && user } },
    }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        count: {
          type: GraphQLInt,
          resolve: (value) => value,
          subscribe: async function* () {
            for (let value = 0; ; value += 1) {
              yield value;
              await new Promise<void>((resolve) => ticks.add(resolve));
            }
          },
        },
      },
    }),
  });
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const disposable = useServer(
    { schema, ...tokens.hooks, context: (ctx) => ({ user: tokens.tokenOf(ctx)?.identity }) },
    server,
  );
  await once(server, 'listening');
  undo.push(() => {
    for (const one of server.clients) one.terminate();
    return disposable.dispose();
  });
  const tick = () => {
    for (const next of [...ticks].splice(0)) next();
  };
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { clock, server, errors, ran, tick, address };
}

/** The client of graphql-ws. It gets the next of these tokens at each connect; the last one again and again. */
function client(address: string, ...tokens: unknown[]) {
  const closed: number[] = [];
  const presented: unknown[] = [];
  const pongs: unknown[] = [];
  const asked: unknown[] = [];
  let socket: WebSocket | undefined;
  const one: Client = createClient({
    url: address,
    webSocketImpl: WebSocket,
    retryWait: async () => {},
    retryAttempts: 20,
    connectionParams: () => {
      presented.push(tokens[0]);
      return { token: tokens.length > 1 ? tokens.shift() : tokens[0] };
    },
    on: {
      connected: (given) => {
        socket = given as WebSocket;
      },
      closed: (event) => closed.push((event as { code: number }).code),
      pong: (received, payload) => received && pongs.push(payload),
      ping: (received, payload) => received && asked.push(payload),
    },
  });
  undo.push(() => one.dispose());
  return {
    one,
    ...{ closed, presented, pongs, asked },
    ping: (payload: unknown) => socket?.send(JSON.stringify({ type: 'ping', payload })),
    subscribe(query: string) {
      const values: unknown[] = [];
      const ended: unknown[] = [];
      one.subscribe(
        { query },
        {
          next: (result) => values.push(result.data),
          error: (error) => ended.push((error as { code?: number }).code ?? error),
          complete: () => ended.push('complete'),
        },
      );
      return { values, ended };
    },
  };
}

const authenticate = (token: unknown, id?: unknown) => ({ type: 'authenticate', token, id });

describe('a connection of graphql-ws with a token', () => {
  it('the token of connection_init is the identity of the operations', async () => {
    const { address } = await serve();
    const { values, ended } = client(address, 'ada:60000').subscribe('{ me }');
    await eventually(() => expect(ended).toEqual(['complete']));
    expect(values).toEqual([{ me: 'ada' }]);
  });

  it('the server asks by a Ping, and a subscription lives through the successor in place', async () => {
    const { address, clock, tick } = await serve();
    const one = client(address, 'ada:60000');
    const { values, ended } = one.subscribe('subscription { count }');
    await eventually(() => expect(values).toHaveLength(1));
    await clock.advance(48_000);
    await eventually(() => expect(one.asked).toEqual([{ type: 'token.asked', expiresInMs: 12_000 }]));
    one.ping(authenticate('ada:90000', 1));
    await eventually(() => expect(one.pongs).toEqual([{ type: 'accepted', id: 1, expiresInMs: 90_000 }]));
    await clock.advance(60_000);
    tick();
    await eventually(() => expect(values).toHaveLength(2));
    expect([one.closed, ended, one.presented]).toEqual([[], [], ['ada:60000']]);
  });

  it('a client that knows nothing of it connects again after the expiry, with its subscription', async () => {
    const { address, clock } = await serve();
    const one = client(address, 'ada:60000', 'ada:90000');
    const { values, ended } = one.subscribe('subscription { count }');
    await eventually(() => expect(values).toEqual([{ count: 0 }]));
    await clock.advance(60_000);
    await eventually(() => expect(values).toEqual([{ count: 0 }, { count: 0 }]));
    expect([one.closed, ended, one.presented]).toEqual([[4403], [], ['ada:60000', 'ada:90000']]);
  });

  it.each<[string, unknown, number]>([
    ['another identity', 'bob:90000', 40102],
    ['a refused token', 'nobody', 40140],
    ['a user who may not connect', 'banned', 40300],
    ['a token that could not be verified', 'down', 50003],
    ['no token', undefined, 40144],
    ['a token of the wrong type', [[['ada']]], 40144],
    ['a huge token', 'a'.repeat(900_000), 40144],
  ])('a Ping with %s is refused, and changes nothing', async (_title, token, code) => {
    const { address, tick } = await serve();
    const one = client(address, 'ada:60000');
    const { values, ended } = one.subscribe('subscription { count }');
    await eventually(() => expect(values).toHaveLength(1));
    one.ping(authenticate(token, 'x'));
    await eventually(() => expect(one.pongs).toMatchObject([{ type: 'refused', id: 'x', code }]));
    expect(JSON.stringify(one.pongs)).not.toContain('"token"');
    tick();
    await eventually(() => expect(values).toHaveLength(2));
    expect([one.closed, ended]).toEqual([[], []]);
  });

  it('a Ping that is not about tokens is answered as graphql-ws answers it', async () => {
    const { address } = await serve();
    const one = client(address, 'ada:60000');
    const { values } = one.subscribe('subscription { count }');
    await eventually(() => expect(values).toHaveLength(1));
    for (const payload of [undefined, { a: 1 }, { type: 'hello' }]) one.ping(payload);
    await eventually(() => expect(one.pongs).toEqual([undefined, { a: 1 }, { type: 'hello' }]));
  });

  it('the client presents another token after 4403, and ends after 4401', async () => {
    const { address } = await serve();
    const healed = client(address, 'nobody', 'down', 'ada:60000');
    const first = healed.subscribe('{ me }');
    await eventually(() => expect(first.ended).toEqual(['complete']));
    expect(healed.closed.slice(0, 2)).toEqual([4403, 1013]);
    const banned = client(address, 'banned');
    const second = banned.subscribe('{ me }');
    await eventually(() => expect(second.ended).toEqual([4401]));
    expect(banned.presented).toEqual(['banned']);
  });

  it('a Ping before connection_init is answered without its token', async () => {
    const { address } = await serve();
    const socket = new WebSocket(address, 'graphql-transport-ws');
    undo.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'ping', payload: authenticate('ada:60000', 1) }));
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toEqual({ type: 'pong', payload: {} });
  });

  it('an operation that arrives after the expiry does not run', async () => {
    const { address, clock, ran, server } = await serve();
    const socket = new WebSocket(address, 'graphql-transport-ws');
    undo.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 'ada:60000' } }));
    await once(socket, 'message');
    // A client that ignores the close of the server.
    socket.pause();
    await clock.advance(60_000);
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ me }' } }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resume();
    await eventually(() => expect(server.clients.size).toBe(0));
    expect([ran, clock.pending]).toEqual([[], 0]);
  });

  it('an operation has no user if the machine slept through the expiry, and the connection ends soon', async () => {
    const { address, clock, ran, server } = await serve();
    const socket = new WebSocket(address, 'graphql-transport-ws');
    undo.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 'ada:3600000' } }));
    await once(socket, 'message');
    clock.sleep(3_600_000);
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ me }' } }));
    await eventually(() => expect(ran).toHaveLength(1));
    expect(ran).toEqual([undefined]);
    await clock.advance(30_000);
    await eventually(() => expect(server.clients.size).toBe(0));
  });

  it('a client that leaves while its token is verified leaves no timer', async () => {
    let verified = () => {};
    const { address, clock, server } = await serve({
      verify: () =>
        new Promise((resolve) => {
          verified = () => resolve({ identity: 'ada', expires: clock.now() + 60_000 });
        }),
    });
    const socket = new WebSocket(address, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 'ada' } }));
    await eventually(() => expect(String(verified)).toContain('resolve'));
    socket.terminate();
    await eventually(() => expect(server.clients.size).toBe(0));
    verified();
    await new Promise(setImmediate);
    expect(clock.pending).toBe(0);
  });

  it('the options are checked by name', () => {
    for (const [name, options] of [
      ['verify', {}],
      ['verify', { verify: 'jwt' }],
      ['timeout', { verify: () => null, timeout: 0 }],
      ['from', { verify: () => null, from: ['query'] }],
      ['options', undefined],
    ] as const)
      expect(() => graphqlTokens(options as never)).toThrow(name);
  });
});
