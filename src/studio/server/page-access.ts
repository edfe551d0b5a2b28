import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OneTimeTokens } from './one-time-tokens.js';

/** Who may see the page: whoever opened it at an address with a one-time token, as long as the browser runs. */
export class PageAccess {
  readonly #tokens = new OneTimeTokens();
  readonly #sessions = new Set<string>();

  /** The query of an address that opens the page once. */
  query(): string {
    return `?token=${this.#tokens.issue()}`;
  }

  /** @returns a cookie for the page that comes with an unused token; undefined for any other */
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

/** Cookies do not tell ports apart. */
function nameOf({ socket }: IncomingMessage): string {
  return `latchkey-${socket.localPort}`;
}
