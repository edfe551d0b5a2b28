import { createRequire } from 'node:module';
import { createTRPCClient, type TRPCWebSocketClient, wsLink } from '@trpc/client';
import { WebSocket as PartyWebSocket } from 'partysocket';
import type Rws from 'reconnecting-websocket';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { mqttClient } from '../../examples/stacks/mqtt.js';
import { type ReconnectingSocket, reconnectingSocket } from '../../examples/stacks/reconnecting-socket.js';
import { trpcWebSocket } from '../../examples/stacks/trpc.js';
import { yWebsocket } from '../../examples/stacks/y-websocket.js';
import { Auth } from '../../src/auth.js';
import type { ReconnectingConnection } from '../../src/connection/reconnecting/index.js';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import { fieldOf } from '../../src/redaction/received.js';
import {
  type ContractHarness,
  type ContractSubscription,
  connectionContract,
} from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';
import { mqttBroker, room, type StackServer, trpcServer, yServer } from '../kit/stack-servers.js';
import { tokenServer } from '../kit/token-server.js';
import type { Verdict } from '../kit/verdicts.js';

// In ES modules of Node its default export is the class, which its types do not say.
const ReconnectingWebSocket: typeof Rws.default = createRequire(import.meta.url)('reconnecting-websocket');

/** How long stacks wait that try again by themselves, ms: longer than it takes to be quiet. */
const RETRY_MS = 60;

/** A recipe with its server. The server and the stack run in real time, and the connection on a virtual clock. */
interface Made {
  readonly connection: ReconnectingConnection;
  subscribe(): ContractSubscription;
  stop(): unknown;
}

function harness(
  { verdicts, stop, url, ...server }: StackServer,
  make: (url: string, clock: VirtualClock) => Made,
  renewal: 'in place' | 'new transport',
): ContractHarness {
  const clock = new VirtualClock();
  const { connection, subscribe, stop: end } = make(url, clock);
  const quiet = () => untilQuiet(() => `${verdicts.traffic} ${connection.state}`);
  return {
    adapter: connection,
    server: Object.assign(server, {
      tokens: verdicts.tokens,
      accept: () => verdicts.accept(),
      refuse: (error: ErrorInfo) => verdicts.refuse(error),
      hold: () => verdicts.hold(),
      answer: (verdict: Verdict) => verdicts.answer(verdict),
    }),
    renewal,
    answerTimeoutMs: 10_000,
    firstAnswerTimeoutMs: 10_000,
    clock: {
      advance: async (ms) => {
        await quiet();
        await clock.advance(ms);
        await quiet();
        // The connection tries again after a loss, or the stack does.
        if (ms > 0 || connection.state !== 'disconnected') return;
        await clock.advance(1);
        await new Promise((resolve) => setTimeout(resolve, 2 * RETRY_MS));
        await quiet();
      },
    },
    connect: () => connection.connect(),
    close: () => connection.close(),
    subscribe,
    dispose: async () => {
      connection.dispose();
      end();
      await stop();
    },
  };
}

/** Counts what arrives. */
class Received implements ContractSubscription {
  received = 0;
  readonly add = (): void => {
    this.received += 1;
  };
}

type Router = Awaited<ReturnType<typeof trpcServer>>['router'];

const proxy = (client: TRPCWebSocketClient) =>
  createTRPCClient<Router>({ links: [wsLink<Router>({ client })] });

const sockets: Readonly<Record<string, (address: () => Promise<string>) => ReconnectingSocket>> = {
  partysocket: (address: () => Promise<string>) =>
    new PartyWebSocket(address, [], { WebSocket, startClosed: true, minReconnectionDelay: RETRY_MS }),
  'reconnecting-websocket': (address: () => Promise<string>) =>
    new ReconnectingWebSocket(address, [], { WebSocket, startClosed: true, minReconnectionDelay: RETRY_MS }),
};

describe.each(Object.entries(sockets))('the connection port, by a socket of %s', (_name, makeSocket) => {
  const make = async () => {
    return harness(
      await tokenServer(),
      (url, clock) => {
        const { connection, socket } = reconnectingSocket(url, makeSocket, { clock });
        const news = new Received();
        socket.addEventListener('message', (event) => {
          if (String(fieldOf(event, 'data')).includes('"news"')) news.add();
        });
        return { connection, subscribe: () => news, stop: () => {} };
      },
      'in place',
    );
  };
  for (const { run, title } of connectionContract(make)) it(title, run);
});

describe('the connection port, by a provider of y-websocket', () => {
  const make = async () =>
    harness(
      await yServer(),
      (url, clock) => {
        const doc = new Y.Doc();
        const { connection, provider } = yWebsocket(
          url,
          room(),
          doc,
          { WebSocketPolyfill: WebSocket as never, disableBc: true },
          { clock },
        );
        const news = new Received();
        doc.getArray('news').observe(news.add);
        return { connection, subscribe: () => news, stop: () => provider.destroy() };
      },
      'new transport',
    );
  for (const { run, title, needs } of connectionContract(make))
    if (!needs.includes('late') && !needs.includes('ask')) it(title, run);
});

describe('the connection port, by a WebSocket client of tRPC', () => {
  const make = async () =>
    harness(
      await trpcServer(),
      (url, clock) => {
        const { connection, client } = trpcWebSocket(
          { url, WebSocket: WebSocket as never, retryDelayMs: (attempt) => (attempt === 0 ? 1 : RETRY_MS) },
          (client) => proxy(client).me.query(),
          { clock },
        );
        const subscribe = () => {
          const news = new Received();
          proxy(client).news.subscribe(undefined, { onData: news.add });
          return news;
        };
        return { connection, subscribe, stop: () => void client.close() };
      },
      'new transport',
    );
  for (const { run, title, needs } of connectionContract(make))
    if (!needs.includes('late') && !needs.includes('ask')) it(title, run);
});

/** A broker of MQTT 3.1.1 says neither why it refuses a password, nor why it disconnects. */
const SAYS_WHY = /for good|the server refuses for good|expired/;

describe('the connection port, by a client of MQTT.js', () => {
  const make = async () =>
    harness(
      await mqttBroker(),
      (url, clock) => {
        const { connection, client } = mqttClient(url, {}, { clock });
        const news = new Received();
        client.on('message', news.add);
        const subscribe = () => {
          client.subscribe('news');
          return news;
        };
        return { connection, subscribe, stop: () => client.connected && client.end(true) };
      },
      'new transport',
    );
  for (const { run, title, needs } of connectionContract(make))
    if (!needs.some((one) => ['late', 'ask', 'expire'].includes(one)) && !SAYS_WHY.test(title))
      it(title, run);

  it('a client whose connection is closed has no password and no timer that keeps a process running', async () => {
    const { url, verdicts, stop } = await mqttBroker();
    verdicts.accept();
    const { connection, client } = mqttClient(url);
    const auth = new Auth({ authCallback: async () => 'token of ada', connection });
    await auth.authorize();
    expect(client.options.password).toBe('token of ada');
    const isClosed = new Promise((resolve) => client.once('close', () => resolve(null)));
    auth.forget();
    await isClosed;
    expect(client.options.password).toBeUndefined();
    expect(fieldOf(client, 'reconnectTimer')).toMatchObject({ _destroyed: true });
    await auth.authorize();
    expect(connection.state).toBe('connected');
    auth.dispose();
    connection.dispose();
    await stop();
  });
});
