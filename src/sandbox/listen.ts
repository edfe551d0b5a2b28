import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { WebSocketServer } from 'ws';
import type { Realtime } from './realtime.js';

/** A sandbox on a port. */
export interface Listening {
  /** `http://host:port` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/** Puts the service on a real socket: HTTP, and WebSocket on the same port. */
export async function listen(
  handle: (request: Request) => Promise<Response>,
  realtime: Realtime,
  { port = 0, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string },
): Promise<Listening> {
  const server = createServer(createRequestListener(handle));
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const line = realtime.accept(new URL(request.url ?? '/', `http://${host}`), {
        send: (text) => webSocket.send(text),
        close: () => webSocket.close(1000),
        cut: () => webSocket.terminate(),
      });
      webSocket.on('message', (data) => line.receive(String(data)));
      webSocket.on('close', () => line.lost());
      webSocket.on('error', () => line.lost());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    host,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        for (const webSocket of sockets.clients) webSocket.terminate();
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
