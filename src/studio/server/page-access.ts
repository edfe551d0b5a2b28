import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OneTimeTokens } from './one-time-tokens.js';

/**
 * Decides who may see the page: a browser that opened an address with a one-time token, until the browser is
 * closed.
 */
export class PageAccess {
  readonly #tokens = new OneTimeTokens();
  readonly #sessions = new Set<string>();

  /** The query of an address that opens the page once. */
  query(): string {
    return `?token=${this.#tokens.issue()}`;
  }

  /** Admits a page with an unused token. @returns a cookie for it; undefined for any other request */
  admit(request: IncomingMessage): string | undefined {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const token = searchParams.get('token');
    if (token === null || !this.#tokens.use(token)) return undefined;
    const session = randomBytes(24).toString('base64url');
    this.#sessions.add(session);
    return `${nameOf(request)}=${session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isAdmitted(request: IncomingMessage): boolean {
    const name = `${nameOf(request)}=`;
    const cookies = (request.headers.cookie ?? '').split(';').map((one) => one.trim());
    return cookies.some((one) => one.startsWith(name) && this.#sessions.has(one.slice(name.length)));
  }
}

/** The name contains the port, because cookies are shared by all ports of a host. */
function nameOf({ socket }: IncomingMessage): string {
  return `latchkey-${socket.localPort}`;
}
