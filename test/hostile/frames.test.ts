import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as Ably from 'ably';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { type ConnectionAdapter, RealtimeConnection } from '../../src/connection/index.js';
import { Auth, ErrorInfo } from '../../src/index.js';
import { HostileFrames } from './frames.js';

const SEED = Number(process.env.SEED ?? 20_261_129);
const COUNT = Number(process.env.FRAMES ?? 1_000);
/** What a connection has done when it has read a frame. */
const OUTCOMES =
  /^(ignored|passed on|asked|updated|(connecting|connected|disconnected|suspended|closing|closed|failed)( \d+)?)$/;

interface Server {
  readonly port: number;
  /** The newest socket. */
  readonly socket: WebSocket;
}

/** A server that accepts every token, in an address or in AUTH. */
async function serve(): Promise<Server> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  let newest: WebSocket | undefined;
  const connected = JSON.stringify({
    action: 4,
    connectionId: 'an id',
    connectionDetails: { connectionKey: 'a key', maxIdleInterval: 15_000, connectionStateTtl: 120_000 },
  });
  server.on('connection', (socket) => {
    newest = socket;
    socket.on('error', () => {});
    socket.send(connected);
    socket.on('message', (data) => {
      const { action, id } = JSON.parse(String(data)) as { action: number; id?: string };
      if (action === 17) socket.send(connected);
      if (action === 0) socket.send(JSON.stringify({ action: 0, id }));
      if (action === 7) socket.send(JSON.stringify({ action: 8 }));
    });
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    get socket() {
      if (newest === undefined) throw new TypeError('no client has connected');
      return newest;
    },
  };
}

/** A client, and what its connection does. */
interface Client {
  readonly auth: Auth;
  readonly seen: string[];
  state(): string;
}

/** Errors that reach the platform would end a Node process. */
function platformErrors(): unknown[] {
  const errors: unknown[] = [];
  const add = (error: unknown) => void errors.push(error);
  process.prependListener('uncaughtException', add).prependListener('unhandledRejection', add);
  onTestFinished(() => {
    process.removeListener('uncaughtException', add).removeListener('unhandledRejection', add);
  });
  return errors;
}

function authOf(connection: ConnectionAdapter): Auth {
  let count = 0;
  const auth = new Auth({
    authCallback: async () => {
      count += 1;
      return `token-${count}`;
    },
    connection,
    realtimeRequestTimeout: 1_000,
    logLevel: 'none',
  });
  onTestFinished(() => auth.dispose());
  return auth;
}

async function realtimeClient(port: number): Promise<Client> {
  const connection = new RealtimeConnection({
    ...{ endpoint: '127.0.0.1', port, tls: false, fallbackHosts: [] },
    ...{ disconnectedRetryTimeout: 5, suspendedRetryTimeout: 5, realtimeRequestTimeout: 1_000 },
    logLevel: 'none',
  });
  const seen: string[] = [];
  const named = (what: string, code: number | undefined) => (code === undefined ? what : `${what} ${code}`);
  connection.onStateChange(({ event, reason }) =>
    seen.push(event === 'update' ? 'updated' : named(event, reason?.code)),
  );
  connection.onMessage(() => seen.push('passed on'));
  const auth = authOf(connection);
  onTestFinished(() => connection.dispose());
  await auth.authorize();
  return { auth, seen, state: () => connection.state };
}

async function ablyClient(port: number): Promise<Client> {
  const connection = ablyJs(
    (authCallback) =>
      new Ably.Realtime({
        ...{ authCallback, endpoint: '127.0.0.1', port, tls: false, useBinaryProtocol: false, logLevel: 0 },
        ...{ disconnectedRetryTimeout: 5, suspendedRetryTimeout: 5, realtimeRequestTimeout: 1_000 },
        fallbackHosts: [],
      }),
    { realtimeRequestTimeout: 400 },
  );
  const { client } = connection;
  const seen: string[] = [];
  client.connection.on(({ current, previous, reason }) => {
    const code = typeof reason?.code === 'number' ? ` ${reason.code}` : '';
    seen.push(current === previous ? 'updated' : `${current}${code}`);
    // By itself the SDK waits for a second.
    if (current === 'disconnected') setImmediate(() => client.connection.connect());
  });
  const auth = authOf(connection);
  onTestFinished(() => client.close());
  await auth.authorize();
  return { auth, seen, state: () => client.connection.state };
}

describe.each([
  ['a RealtimeConnection', realtimeClient],
  ["Ably's SDK behind ablyJs()", ablyClient],
])('%s under bad frames', (_title, make) => {
  it(`the process lives, each frame has a named outcome, and the next authorize() works (seed ${SEED})`, async () => {
    const errors = platformErrors();
    const server = await serve();
    const { auth, seen, state } = await make(server.port);
    const frames = new HostileFrames(SEED);
    const outcomes = new Map<string, number>();
    for (let number = 0; number < COUNT; number += 1) {
      const where = `seed ${SEED}, frame ${number}`;
      const frame = frames.next();
      seen.length = 0;
      server.socket.send(frame, () => {});
      let result: unknown;
      // A frame can fail the connection, and the call that waits for it.
      for (let tries = 0; tries < 3; tries += 1) {
        result = await auth.authorize().then(
          () => 'authorized',
          (error: unknown) => error,
        );
        if (result === 'authorized') break;
        expect(result, where).toBeInstanceOf(ErrorInfo);
        seen.push(`failed ${(result as ErrorInfo).code}`);
      }
      expect([where, String(frame).slice(0, 200), result, state()]).toEqual([
        where,
        expect.anything(),
        'authorized',
        'connected',
      ]);
      const [outcome = 'ignored'] = seen;
      expect(outcome, where).toMatch(OUTCOMES);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    if (process.env.OUTCOMES) console.log(Object.fromEntries(outcomes));
    expect(errors).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(3);
  });
});
