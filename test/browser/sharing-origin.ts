import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';

/** One call of the source. */
export interface SourceCall {
  readonly tab: string;
  /** ms since the epoch. */
  readonly at: number;
  token?: string;
}

/** A server with a page, a source of tokens and a sandbox. */
export class SharingOrigin {
  readonly #server: Server;
  readonly #sandbox: Sandbox;
  readonly #backend: Auth;
  readonly #held: (() => void)[] = [];
  readonly #sandboxPort: number;
  /** The calls of the source. */
  readonly calls: SourceCall[] = [];
  /** How often each connection was upgraded in place, by the service's count. */
  readonly upgrades = new Map<string, number>();
  /** How long the tokens live, ms. */
  lifeMs: number;
  /** Whether the source keeps its answers back. */
  isHolding = false;

  static async listen(lifeMs: number): Promise<SharingOrigin> {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('sharing-page.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'iife',
      conditions: ['latchkey-source'],
    });
    const sandbox = createSandbox();
    const { port } = await sandbox.listen();
    const origin = new SharingOrigin(sandbox, port, outputFiles[0]?.text ?? '', lifeMs);
    await once(origin.#server, 'listening');
    return origin;
  }

  private constructor(sandbox: Sandbox, port: number, script: string, lifeMs: number) {
    this.#sandbox = sandbox;
    this.#sandboxPort = port;
    this.lifeMs = lifeMs;
    this.#backend = new Auth({ key: sandbox.createApp().keys[0]?.keyStr ?? '', fetch: sandbox.fetch });
    sandbox.subscribe((happening) => {
      if (happening.type !== 'reauthenticated') return;
      const id = happening.connectionId ?? '';
      this.upgrades.set(id, (this.upgrades.get(id) ?? 0) + 1);
    });
    this.#server = createServer(async ({ url = '', headers }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      if (pathname === '/token') {
        const token = await this.#answer(String(headers['x-tab']), String(headers['x-user']));
        response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
      } else if (pathname === '/page.js') {
        response.setHeader('content-type', 'text/javascript').end(script);
      } else {
        const content = pathname === '/away' ? '<p>away' : '<script src="/page.js"></script>';
        response.setHeader('content-type', 'text/html').end(`<!doctype html><title>page</title>${content}`);
      }
    }).listen(0, '127.0.0.1');
  }

  /** The address of a page. */
  page(tab: string, more: Readonly<Record<string, string>> = {}, host = '127.0.0.1'): string {
    const query = new URLSearchParams({ port: String(this.#sandboxPort), tab, ...more });
    return `http://${host}:${(this.#server.address() as AddressInfo).port}/?${query}`;
  }

  /** The address of a page without a client. */
  get away(): string {
    return new URL('/away', this.page('')).href;
  }

  /** Lets the source give the answers that it kept back. */
  release(): void {
    this.isHolding = false;
    for (const give of this.#held.splice(0)) give();
  }

  async dispose(): Promise<void> {
    this.release();
    this.#server.close().closeAllConnections();
    this.#backend.dispose();
    await this.#sandbox.dispose();
  }

  async #answer(tab: string, clientId: string): Promise<unknown> {
    const call: SourceCall = { tab, at: Date.now() };
    this.calls.push(call);
    if (this.isHolding) await new Promise<void>((resolve) => this.#held.push(resolve));
    const details = await this.#backend.requestToken({ ttl: this.lifeMs, clientId });
    call.token = details.token;
    return details;
  }
}
