import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Auth } from 'latchkey';
import type { TokenFormat } from 'latchkey/server';

/** What the main job is told: where the service and the application are, and a key of the service. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** The application's origin: its token endpoints, and the pages of the rows. */
  readonly application: string;
  readonly key: string;
}

/** The sandbox and an application, on loopback. */
export interface Service extends Settings {
  /** Serves the files of a folder at the application's root, instead of those before. */
  serve(folder: string): void;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
};

/** Both come from the built package. */
export async function startService(): Promise<Service> {
  const { Auth } = await import('latchkey');
  const { createSandbox } = await import('latchkey/sandbox');
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const answer = await endpoints(new Auth({ key, useTokenAuth: true, endpoint: host, port, tls: false }));
  let pages = '';
  const server = createServer((request, response) => {
    if (!answer(request, response)) sendFile(pages, request, response);
  });
  const application = `http://127.0.0.1:${await listening(server)}`;
  return {
    ...{ host, port, application, key },
    serve: (folder) => {
      pages = folder;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await sandbox.dispose();
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** `/token-request`, `/token` and `/jwt`, for pages of each origin that asks. */
async function endpoints(auth: Auth): Promise<Answer> {
  const { tokenEndpoint } = await import('latchkey/server');
  const { nodeListener } = await import('latchkey/server/node');
  const grant = () => ({ clientId: 'ada', capability: { 'chat:*': ['subscribe' as const] } });
  const listeners = new Map<string, ReturnType<typeof nodeListener>>();
  return (request, response) => {
    const format = (request.url ?? '').split('?')[0]?.slice(1) ?? '';
    if (!['token-request', 'token', 'jwt'].includes(format)) return false;
    const { origin } = request.headers;
    const name = `${format} ${origin}`;
    const cors = origin === undefined ? {} : { cors: { origins: [origin] } };
    const listener =
      listeners.get(name) ??
      nodeListener(tokenEndpoint({ auth, grant, format: format as TokenFormat, ...cors }));
    listeners.set(name, listener);
    listener(request, response);
    return true;
  };
}

function sendFile(folder: string, { url = '/' }: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(url, 'http://localhost');
  const path = join(folder, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  if (folder === '' || !existsSync(path)) {
    response.writeHead(404).end('no such file');
    return;
  }
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
  createReadStream(path).pipe(response);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
