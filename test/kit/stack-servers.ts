import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { docs, setupWSConnection } from '@y/websocket-server/utils';
import { Aedes } from 'aedes';
import { WebSocketServer } from 'ws';
import { reasonOf, Verdicts } from './verdicts.js';

/** A real server of a stack, whose answers to tokens a test decides. */
export interface StackServer {
  readonly url: string;
  readonly verdicts: Verdicts;
  drop(): void;
  leave(): void;
  comeBack(): void;
  expire?(): void;
  ask?(): void;
  publish(): void;
  stop(): Promise<void>;
}

const EXPIRED = '40142 the token expired';

/** `ws` servers that are away close each new transport at once. */
function transports(server: WebSocketServer, verdicts: Verdicts) {
  let isAway = false;
  server.on('connection', (socket) => {
    verdicts.traffic += 1;
    socket.on('message', () => {
      verdicts.traffic += 1;
    });
    socket.on('close', () => {
      verdicts.traffic += 1;
    });
  });
  const drop = () => {
    for (const socket of server.clients) socket.terminate();
  };
  return {
    isAway: () => isAway,
    drop,
    leave: () => {
      isAway = true;
      drop();
    },
    comeBack: () => {
      isAway = false;
    },
    expire: () => {
      for (const socket of server.clients) socket.close(4401, EXPIRED);
    },
  };
}

let rooms = 0;

/** The room of the last server of y-websocket. */
export const room = (): string => `room-${rooms}`;

export async function yServer(): Promise<StackServer> {
  rooms += 1;
  const verdicts = new Verdicts();
  const sockets = new WebSocketServer({ noServer: true });
  const { isAway, ...rest } = transports(sockets, verdicts);
  const http = createServer();
  const raw = new Set<Duplex>();
  http.on('upgrade', async (request, socket, head) => {
    socket.on('error', () => {});
    raw.add(socket);
    if (isAway()) return socket.destroy();
    const { searchParams } = new URL(request.url ?? '', 'ws://server');
    const verdict = await verdicts.judge(searchParams.get('access_token') ?? '');
    sockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.emit('connection', opened, request);
      if (verdict === 'accept') setupWSConnection(opened, request);
      else opened.close(4401, reasonOf(verdict));
    });
    return undefined;
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    ...rest,
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    verdicts,
    drop: () => {
      for (const socket of raw) socket.destroy();
      raw.clear();
    },
    publish: () => docs.get(room())?.getArray('news').push(['news']),
    stop: async () => {
      rest.drop();
      http.close();
      http.closeAllConnections();
    },
  };
}

export async function trpcServer() {
  const verdicts = new Verdicts();
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => !isAway() });
  const { isAway, ...rest } = transports(wss, verdicts);
  await once(wss, 'listening');
  const listeners: (() => void)[] = [];
  const t = initTRPC.create();
  const router = t.router({
    me: t.procedure.query(() => 'ada'),
    news: t.procedure.subscription(async function* () {
      for (;;) {
        await new Promise<void>((resolve) => listeners.push(resolve));
        yield 'news';
      }
    }),
  });
  const handler = applyWSSHandler({
    wss,
    router,
    createContext: async ({ info, res }) => {
      const verdict = await verdicts.judge(info.connectionParams?.token ?? '');
      if (verdict === 'accept') return {};
      res.close(4401, reasonOf(verdict));
      throw new Error('refused');
    },
  });
  const server: StackServer = {
    ...rest,
    url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`,
    verdicts,
    publish: () => {
      verdicts.traffic += 1;
      for (const tell of listeners.splice(0)) tell();
    },
    stop: async () => {
      rest.drop();
      handler.broadcastReconnectNotification();
      wss.close();
    },
  };
  return { ...server, router };
}

/** MQTT 3.1.1, which names no reason when a broker disconnects a client. */
export async function mqttBroker(): Promise<StackServer> {
  const verdicts = new Verdicts();
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  let isAway = false;
  broker.authenticate = async (_client, _username, password, done) => {
    const verdict = await verdicts.judge(String(password));
    if (verdict === 'accept') done(null, true);
    else done(Object.assign(new Error('not authorized'), { returnCode: 5 as const }), null);
  };
  const server = createTcpServer((socket) => {
    verdicts.traffic += 1;
    sockets.add(socket);
    socket.on('data', () => {
      verdicts.traffic += 1;
    });
    socket.on('close', () => {
      verdicts.traffic += 1;
      sockets.delete(socket);
    });
    if (isAway) socket.destroy();
    else broker.handle(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    verdicts,
    drop,
    leave: () => {
      isAway = true;
      drop();
    },
    comeBack: () => {
      isAway = false;
    },
    publish: () =>
      broker.publish(
        { cmd: 'publish', topic: 'news', payload: 'news', qos: 0, retain: false, dup: false },
        () => {},
      ),
    stop: async () => {
      drop();
      broker.close();
      server.close();
    },
  };
}
