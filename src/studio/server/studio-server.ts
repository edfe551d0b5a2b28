import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { isOfLocalPage, isOfOwnPage, namingOf } from '../../checks/local-requests.node.js';
import { NoSuchControl } from '../controls.js';
import type { StudioLink } from '../messages.js';
import { saidBy } from '../said.js';
import type { PageAccess } from './page-access.js';
import type { Relay } from './relay.js';

export interface StudioServerOptions {
  /** The client to show. */
  readonly link: StudioLink;
  /** The folder of the built page. */
  readonly root: string;
  /** 0: any free port. */
  readonly port: number;
  /** Who may see the page. Default: every user of this machine. */
  readonly access?: PageAccess;
  /** Where clients of other processes attach. */
  readonly relay?: Relay;
  /** Called when the page was opened with a token of `access`. */
  readonly opened?: () => void;
}

export interface StudioServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The page may load only its own files, and other sites must not frame it. */
const headers = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const HOST = '127.0.0.1';

/** A page that does not read is disconnected before its unread messages fill the memory. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;

/**
 * Serves the page, its events and its controls, on the loopback interface only.
 *
 * @throws the listen error of `node:http`, such as EADDRINUSE
 */
export async function startStudio(options: StudioServerOptions): Promise<StudioServer> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => {
      if (!response.headersSent) end(response, 500, 'The server failed to answer.');
      else response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { relay } = options;
    const refusal = upgradeRefusal(request);
    if (relay !== undefined && refusal === undefined) relay.upgrade(request, socket, head);
    else
      socket.end(
        `HTTP/1.1 ${refusal ?? '421 Misdirected Request'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${port}`, close: () => close(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: StudioServerOptions,
): Promise<void> {
  const asked = pathOf(request);
  if (asked === null || namingOf(request, HOST) === 'unusable')
    return end(response, 400, 'This address is invalid.');
  // The host name must be checked too: another site can own a name that resolves to this machine (DNS
  // rebinding).
  if (!isOwnHost(request)) return end(response, 421, 'This server answers to 127.0.0.1 and localhost only.');
  const { access } = options;
  const pathname = access === undefined ? asked : access.pathIn(asked);
  if (pathname === undefined) return refusePage(response);
  if (access !== undefined && (access.hasToken(request) || !access.isAdmitted(request)))
    return admit(request, response, access, options.opened);
  if (request.method === 'POST') return await act(request, response, pathname, options);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return end(response, 405, 'The method must be GET or POST.');
  if (pathname === '/events') return stream(request, response, options.link);
  return await serveFile(response, pathname, options.root);
}

/**
 * Redirects to the address without the token, so that the token does not stay in the browser's history. A token
 * is used up by its first use, also in a browser that was admitted before.
 */
function admit(
  request: IncomingMessage,
  response: ServerResponse,
  access: PageAccess,
  opened: (() => void) | undefined,
): void {
  const cookie = request.method === 'GET' ? access.admit(request) : undefined;
  if (cookie === undefined && request.method === 'GET' && access.isAdmitted(request)) {
    response.writeHead(303, { ...headers, location: access.folder, 'cache-control': 'no-store' }).end();
    return;
  }
  if (cookie === undefined) {
    refusePage(response);
    return;
  }
  response
    .writeHead(303, {
      ...headers,
      location: access.folder,
      'set-cookie': cookie,
      'cache-control': 'no-store',
    })
    .end();
  opened?.();
}

function refusePage(response: ServerResponse): void {
  end(response, 403, 'Open the address that was printed last: each address works once.');
}

function pathOf({ url = '/' }: IncomingMessage): string | null {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
}

/** A loopback name with the port of this server; port 80 is not written. */
function isOwnHost(request: IncomingMessage): boolean {
  const [, port = '80'] = /:(\d+)$/.exec(request.headers.host ?? '') ?? [];
  return namingOf(request, HOST) === 'own' && Number(port) === request.socket.localPort;
}

/** Why a client may not attach: the status line. A page of this machine may, with an address that was printed. */
function upgradeRefusal(request: IncomingMessage): string | undefined {
  if (namingOf(request, HOST) === 'unusable') return '400 Bad Request';
  if (!isOwnHost(request)) return '421 Misdirected Request';
  const isServed = request.headers.origin !== 'null' && isOfLocalPage(request);
  return isServed ? undefined : '403 Forbidden';
}

async function act(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  { link }: StudioServerOptions,
): Promise<void> {
  // Browsers name the page that sends a POST.
  const isOwn = request.headers.origin !== undefined && isOfOwnPage(request);
  if (!isOwn) return end(response, 403, 'Only the studio page itself may do this.');
  const [, control] = /^\/control\/([\w.-]+)$/.exec(pathname) ?? [];
  if (control === undefined) return end(response, 404, 'There is no such page.');
  request.resume();
  try {
    await link.perform(control);
  } catch (error) {
    if (error instanceof NoSuchControl) return end(response, 404, error.message);
    return end(response, 500, saidBy(error));
  }
  response.writeHead(204, headers).end();
}

function stream(request: IncomingMessage, response: ServerResponse, link: StudioLink): void {
  if (!isOfOwnPage(request)) {
    end(response, 403, 'Only the studio page itself may read this.');
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  let allowed = MOST_UNREAD_BYTES;
  response.on('drain', () => {
    allowed = MOST_UNREAD_BYTES;
  });
  const stop = link.subscribe((message) => {
    const text = `data: ${JSON.stringify(message)}\n\n`;
    response.write(text);
    // A whole session may be longer, and comes seldom.
    if (message.type === 'hello') allowed += 2 * text.length;
    if (response.writableLength > allowed) response.destroy();
  });
  response.on('close', stop);
}

async function serveFile(response: ServerResponse, pathname: string, root: string): Promise<void> {
  const path = normalize(join(root, pathname === '/' ? 'index.html' : pathname));
  const type = contentTypes[extname(path)];
  if (!path.startsWith(root + sep) || type === undefined) return end(response, 404, 'There is no such page.');
  const content = await readFile(path).catch(() => null);
  if (content === null) return end(response, 404, 'There is no such page.');
  response.writeHead(200, { ...headers, 'content-type': type, 'cache-control': 'no-cache' }).end(content);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
