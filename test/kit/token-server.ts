import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Verdicts } from './verdicts.js';

interface Presented {
  readonly id?: number;
  readonly token: string;
}

/** A `ws` server with the messages of `latchkey/server/ws`. A test decides what it answers. */
export async function tokenServer() {
  const verdicts = new Verdicts();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let isAway = false;
  const send = (socket: WebSocket, message: object) => {
    verdicts.traffic += 1;
    socket.send(JSON.stringify(message));
  };
  const tell = (message: object) => {
    for (const socket of server.clients) send(socket, message);
  };
  const receive = async (socket: WebSocket, { id, token }: Presented) => {
    const verdict = await verdicts.judge(token);
    if (verdict === 'accept') send(socket, { type: 'accepted', id });
    else send(socket, { type: 'refused', id, code: verdict.code, message: verdict.message });
  };
  const drop = () => {
    for (const socket of server.clients) socket.terminate();
  };
  server.on('connection', (socket, { url = '' }) => {
    verdicts.traffic += 1;
    socket.on('close', () => {
      verdicts.traffic += 1;
    });
    socket.on('message', (data) => receive(socket, JSON.parse(String(data))));
    const token = new URL(url, 'ws://server').searchParams.get('access_token');
    if (isAway) socket.terminate();
    else if (token !== null) void receive(socket, { token });
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    verdicts,
    drop,
    leave: () => {
      isAway = true;
      drop();
    },
    comeBack: () => {
      isAway = false;
    },
    publish: () => tell({ type: 'news' }),
    ask: () => tell({ type: 'token.asked' }),
    expire: () => {
      for (const socket of server.clients) socket.close(4401, '40142 the token expired');
    },
    stop: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
