import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OneTimeTokens } from './one-time-tokens.js';

/**
 * Decides who may see the page: a browser that opened an address with a one-time token, until the browser is
 * closed. The page is in a folder with a secret name, because browsers send cookies to all ports of a host, but only
 * in the cookie's path: servers of other users of this machine do not get them.
 */
export class PageAccess {
  /** The folder of the page. */
  readonly folder = `/${randomBytes(24).toString('base64url')}/`;
  readonly #tokens = new OneTimeTokens();
  readonly #sessions = new Set<string>();

  /** The path and the query of an address that opens the page once. */
  address(): string {
    return `${this.folder}?token=${this.#tokens.issue()}`;
  }

  /** Admits a page with an unused token. @returns a cookie for it; undefined for any other request */
  admit(request: IncomingMessage): string | undefined {
    const token = tokenIn(request);
    if (token === null || !this.#tokens.use(token)) return undefined;
    const session = randomBytes(24).toString('base64url');
    this.#sessions.add(session);
    return `${nameOf(request)}=${session}; HttpOnly; SameSite=Strict; Path=${this.folder}`;
  }

  /** The path of a file in the folder of the page. undefined: it is elsewhere. */
  pathIn(pathname: string): string | undefined {
    return pathname.startsWith(this.folder) ? pathname.slice(this.folder.length - 1) : undefined;
  }

  /** Whether the address of a request has a token, used or not. */
  hasToken(request: IncomingMessage): boolean {
    return tokenIn(request) !== null;
  }

  isAdmitted(request: IncomingMessage): boolean {
    const name = `${nameOf(request)}=`;
    const cookies = (request.headers.cookie ?? '').split(';').map((one) => one.trim());
    return cookies.some((one) => one.startsWith(name) && this.#sessions.has(one.slice(name.length)));
  }
}

function tokenIn({ url = '/' }: IncomingMessage): string | null {
  return new URL(url, 'http://localhost').searchParams.get('token');
}

/** The name contains the port, because cookies are shared by all ports of a host. */
function nameOf({ socket }: IncomingMessage): string {
  return `latchkey-${socket.localPort}`;
}
