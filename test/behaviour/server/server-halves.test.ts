import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql/index.js';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { webSocket } from '../../../examples/own-server/web-socket.js';
import { graphqlWs } from '../../../src/connection/graphql-ws/index.js';
import type { ConnectionAdapter } from '../../../src/connection/port.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { graphqlTokens } from '../../../src/server/graphql-ws/index.js';
import { refuse, tokenSockets, type VerifyToken } from '../../../src/server/ws/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { eventually } from '../../kit/eventually.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

const LIFE_MS = 60_000;

/** The tokens of one user, and what a server makes of them. Time is virtual. */
function world() {
  const clock = new VirtualClock();
  const state = { calls: 0, verified: [] as string[], dead: 0, verdict: 'fine', isDown: false };
  const verify: VerifyToken = (token) => {
    state.verified.push(token);
    if (state.verdict === 'down') throw new Error('no key set');
    if (state.verdict === 'banned') return refuse(403);
    if (state.verdict === token) return refuse(401, 'revoked');
    const [identity = '', expires] = token.split(' ');
    if (Number(expires) <= clock.now()) state.dead += 1;
    return { identity, expires: Number(expires) };
  };
  const authCallback = async () => {
    state.calls += 1;
    if (state.isDown) throw new Error('the source is down');
    const [issued, expires] = [clock.now(), clock.now() + LIFE_MS];
    return { token: `ada ${expires} ${state.calls}`, issued, expires };
  };
  const client = (connection: ConnectionAdapter, options: ClientOptions = {}) => {
    const auth = new Auth({ clock, random: () => 0, logLevel: 'none', authCallback, connection, ...options });
    undo.push(() => auth.dispose());
    return auth;
  };
  return { clock, state, verify, client };
}

const listening = async (server: WebSocketServer) => {
  await once(server, 'listening');
  undo.push(() => {
    for (const one of server.clients) one.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A server of `latchkey/server/ws`, and the client of the example. */
async function plain(options?: ClientOptions) {
  const { clock, state, verify, client } = world();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const identities: string[] = [];
  const onError = () => {};
  server.on(
    'connection',
    tokenSockets({
      ...{ clock, verify, onError },
      onConnection: (connection) => {
        identities.push(connection.identity);
        connection.onMessage((data) => connection.socket.send(`${connection.identity}: ${data}`));
      },
    }),
  );
  const url = await listening(server);
  const heard: unknown[] = [];
  const make = () => new NodeWebSocket(url) as unknown as WebSocket;
  const { connection, send } = webSocket(make, (data) => heard.push(data));
  undo.push(() => connection.dispose());
  const auth = client(connection, options);
  connection.connect();
  await eventually(() => expect(connection.state).toBe('connected'));
  return { clock, state, server, identities, auth, connection, heard, send };
}

/** A server of `graphql-ws` with our hooks, and our adapter. */
async function graphql(options?: ClientOptions) {
  const { clock, state, verify, client } = world();
  const tokens = graphqlTokens({ clock, verify, onError: () => {} });
  const ticks = new Set<() => void>();
  const count = {
    type: GraphQLInt,
    resolve: (value: unknown) => value,
    subscribe: async function* () {
      for (let value = 0; ; value += 1) {
        yield value;
        await new Promise<void>((resolve) => ticks.add(resolve));
      }
    },
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: { count } }),
  });
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const opened: number[] = [];
  server.on('connection', () => opened.push(opened.length));
  useServer({ schema, ...tokens.hooks }, server);
  const url = await listening(server);
  const connection = graphqlWs(createClient, { url, webSocketImpl: NodeWebSocket });
  undo.push(() => connection.dispose());
  const auth = client(connection, options);
  const values: unknown[] = [];
  const ended: unknown[] = [];
  connection.client.subscribe(
    { query: 'subscription { count }' },
    {
      next: ({ data }: { data?: unknown }) => values.push(data),
      error: (error: unknown) => ended.push(error),
      complete: () => ended.push('complete'),
    },
  );
  await eventually(() => expect(values).toHaveLength(1));
  const tick = () => {
    for (const next of [...ticks].splice(0)) next();
  };
  return { clock, state, server, opened, auth, connection, values, ended, tick };
}

describe('a server of latchkey/server/ws and its client', () => {
  it('a renewal reaches the server in place, and messages go on', async () => {
    const { auth, server, state, identities, heard, send } = await plain();
    await auth.authorize();
    expect([state.verified.length, state.calls, server.clients.size, identities]).toEqual([2, 2, 1, ['ada']]);
    send('hello');
    await eventually(() => expect(heard.map(String)).toEqual(['ada: hello']));
  });

  it('the server asks ahead of the expiry, and the client presents the next token in place', async () => {
    const { clock, state, identities, connection } = await plain({ renewal: 'server' });
    for (let count = 1; count <= 5; count += 1) {
      await clock.advance(0.8 * LIFE_MS);
      await eventually(() => expect(state.verified).toHaveLength(count + 1));
      await eventually(() => expect(clock.pending).toBeGreaterThan(1));
    }
    expect([identities, connection.state, state.calls]).toEqual([['ada'], 'connected', 6]);
  });

  it('while the source is down the connection ends with its token, and comes back with another', async () => {
    const { clock, state, connection, identities } = await plain();
    state.isDown = true;
    await clock.advance(LIFE_MS);
    await eventually(() => expect(connection.state).not.toBe('connected'));
    await clock.advance(LIFE_MS);
    state.isDown = false;
    await clock.advance(LIFE_MS);
    await eventually(() => expect(connection.state).toBe('connected'));
    expect([identities, state.dead]).toEqual([['ada', 'ada'], 0]);
  });

  it('a refused token is not presented again', async () => {
    const { clock, state, server, connection } = await plain();
    state.verdict = state.verified[0] ?? '';
    for (const socket of server.clients) socket.terminate();
    await clock.advance(5_000);
    await eventually(() => expect([state.calls, connection.state]).toEqual([2, 'connected']));
    expect(state.verified.filter((token) => token === state.verdict)).toHaveLength(2);
  });

  it('a user who may not connect any more is told so, and the client gives up', async () => {
    const { clock, state, server, connection } = await plain();
    state.verdict = 'banned';
    for (const socket of server.clients) socket.terminate();
    await clock.advance(5_000);
    await eventually(() => expect(connection.state).toBe('failed'));
    await clock.advance(600_000);
    expect(state.verified).toHaveLength(2);
  });

  it('a server that cannot verify is asked again with the same token', async () => {
    const { clock, state, server, connection } = await plain();
    state.verdict = 'down';
    for (const socket of server.clients) socket.terminate();
    await clock.advance(1);
    await eventually(() => expect(state.verified.length).toBeGreaterThan(1));
    state.verdict = 'fine';
    await eventually(() => expect(server.clients.size).toBe(0));
    await clock.advance(5_000);
    await eventually(() => expect(connection.state).toBe('connected'));
    expect([new Set(state.verified).size, state.calls]).toEqual([1, 1]);
  });
});

describe('a server of latchkey/server/graphql-ws and the adapter for graphql-ws', () => {
  it('the server asks ahead of the expiry, and a subscription lives through the next token in place', async () => {
    const { clock, state, opened, values, ended, tick } = await graphql({ renewal: 'server' });
    for (let count = 1; count <= 3; count += 1) {
      await clock.advance(0.8 * LIFE_MS);
      await eventually(() => expect(state.verified).toHaveLength(count + 1));
    }
    tick();
    await eventually(() => expect(values).toHaveLength(2));
    expect([opened, ended]).toEqual([[0], []]);
  });

  it('while the source is down the connection ends with its token, and its subscription comes back', async () => {
    const { clock, state, connection, opened, values, ended } = await graphql();
    state.isDown = true;
    await clock.advance(LIFE_MS);
    await eventually(() => expect(connection.state).not.toBe('connected'));
    await clock.advance(LIFE_MS);
    state.isDown = false;
    await clock.advance(LIFE_MS);
    await eventually(() => expect(values).toHaveLength(2));
    expect([opened, ended, state.dead]).toEqual([[0, 1], [], 0]);
  });

  it('a refused token is not presented again', async () => {
    const { state, server, values, ended } = await graphql();
    state.verdict = state.verified[0] ?? '';
    for (const socket of server.clients) socket.terminate();
    await eventually(() => expect(values).toHaveLength(2));
    expect(state.verified.filter((token) => token === state.verdict)).toHaveLength(2);
    expect([state.calls, ended]).toEqual([2, []]);
  });

  it('a user who may not connect any more ends the subscription with the error', async () => {
    const { clock, state, server, connection, ended } = await graphql();
    state.verdict = 'banned';
    for (const socket of server.clients) socket.terminate();
    await eventually(() => expect(connection.state).toBe('failed'));
    expect(ended).toMatchObject([{ code: 40300 }]);
    await clock.advance(600_000);
    expect(state.verified).toHaveLength(2);
  });
});
