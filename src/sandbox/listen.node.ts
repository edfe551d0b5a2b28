import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { checkNames, invalidOption, record, wholeNumber } from '../checks/option-checks.js';
import { refusalFor, refused } from './callers.node.js';
import { control, isControl } from './control-route.node.js';
import { serve } from './http-listener.node.js';
import type { Listening, ListenOptions, Service } from './listening.js';
import type { Realtime } from './realtime.js';

/** The longest frame, as CONNECTED reports it. @see CD2d */
const MAX_FRAME_BYTES = 524_288;

/** A client that does not read is disconnected before its unread messages fill the memory. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/**
 * How long the headers and the whole request may take, ms. The body has its own limit, by the sandbox's
 * clock.
 */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Serves HTTP and WebSocket on one port. @throws {ErrorInfo} 40003 if an option is invalid */
export async function listen(service: Service, options: ListenOptions | null): Promise<Listening> {
  const { realtime } = service;
  const { port, host } = whereIn(options ?? {});
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS });
  serve(server, (request, from) => answer(service, request, from, host));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const address = addressOf(request.url);
    const refusal = refusalFor(address?.pathname ?? '', request, host);
    if (address === undefined || refusal !== undefined) {
      const status = refusal?.statusCode === 403 ? '403 Forbidden' : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => attach(webSocket, address, realtime));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
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

/** Answers a request that came over a port. `boundTo` is the host that the port listens on. */
async function answer(
  { handle, controls, clock }: Service,
  request: Request,
  from: IncomingMessage,
  boundTo: string,
): Promise<Response> {
  const refusal = refusalFor(new URL(request.url).pathname, from, boundTo);
  if (refusal !== undefined) return await refused(request, refusal, clock);
  return await (isControl(request, from) ? control(request, controls, clock) : handle(request));
}

/** The path and query of the request line. */
function addressOf(path = '/'): URL | undefined {
  const address = `ws://sandbox${path.startsWith('/') ? '' : '/'}${path}`;
  return URL.canParse(address) ? new URL(address) : undefined;
}

function attach(webSocket: WebSocket, address: URL, realtime: Realtime): void {
  const line = realtime.accept(address, {
    send: (data) => {
      if (webSocket.bufferedAmount > MAX_UNREAD_BYTES) webSocket.terminate();
      else webSocket.send(data);
    },
    close: () => webSocket.close(1000),
    cut: () => webSocket.terminate(),
    ping: () => webSocket.ping(),
  });
  webSocket.on('message', (data: Buffer, isBinary) => line.receive(isBinary ? data : data.toString('utf8')));
  webSocket.on('close', () => line.lost());
  webSocket.on('error', () => line.lost());
}

function whereIn(options: ListenOptions): {
  port: number;
  host: string;
} {
  checkNames(record('options', options), ['port', 'host']);
  const host = options.host ?? '127.0.0.1';
  if (typeof host !== 'string' || host === '') throw invalidOption('host', 'the name of a host', host);
  const port = options.port === 0 ? 0 : (wholeNumber('port', options.port, 65_535) ?? 0);
  return { port, host };
}
