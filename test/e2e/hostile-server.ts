import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { attacks } from './hostile-frames.js';

/** When the attack comes. */
export type Moment = 'before CONNECTED' | 'after CONNECTED' | 'before the answer to AUTH';

export interface HostileServer {
  readonly port: number;
  close(): void;
}

/** A server that attacks the first transport of each client once, with the attack of the client's number. */
export async function hostileServer(moment: Moment): Promise<HostileServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const known = new Set<string>();
  server.on('connection', (socket, { url = '/' }) => {
    socket.on('error', () => {});
    const number = new URL(url, 'ws://server').searchParams.get('number') ?? '';
    let isDue = !known.has(number);
    known.add(number);
    const attack = (now: Moment) => {
      if (isDue && now === moment) attacks[Number(number)]?.[1](socket);
      if (now === moment) isDue = false;
    };
    attack('before CONNECTED');
    connected(socket);
    attack('after CONNECTED');
    socket.on('message', (data) => {
      const { action } = JSON.parse(String(data)) as { action: number };
      if (action !== 17) return;
      attack('before the answer to AUTH');
      connected(socket);
    });
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** Sends a valid CONNECTED. */
function connected(socket: WebSocket): void {
  const connectionDetails = { connectionKey: 'a key', maxIdleInterval: 15_000 };
  socket.send(JSON.stringify({ action: 4, connectionId: 'an id', connectionDetails }), () => {});
}
