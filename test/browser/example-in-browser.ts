import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Runs in its own process, with the same files that a user has. */
const vite = (...args: string[]) => [at('node_modules/vite/bin/vite.js'), ...args];
const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };

/** @returns the printed address */
async function listening(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server says nothing');
  for await (const line of createInterface(server.stdout)) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('the server ended');
}

/**
 * An example of the repository in a page. It is built and served as a user does it: `vite build`, then
 * `vite preview`, with the example's own configuration.
 */
export class ExampleInBrowser {
  readonly url: string;
  readonly page: Page;
  /** The errors and warnings of the page. */
  readonly complaints: string[] = [];
  /** The requests of the page: method and address. */
  readonly requests: string[] = [];
  readonly #outDir: string;
  readonly #server: ChildProcess;

  private constructor(url: string, page: Page, outDir: string, server: ChildProcess) {
    this.url = url;
    this.page = page;
    this.#outDir = outDir;
    this.#server = server;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      const isComplaint = message.type() === 'error' || message.type() === 'warning';
      if (isComplaint) this.complaints.push(message.text());
    });
    page.on('request', (request) => this.requests.push(`${request.method()} ${request.url()}`));
  }

  /** @param name the folder in `examples/` */
  static async open(browser: Browser, name: string): Promise<ExampleInBrowser> {
    if (!existsSync(at('dist/src/index.js')))
      throw new Error('There is no dist/: run `npm run build` first.');
    const example = at(`examples/${name}`);
    const outDir = await mkdtemp(join(tmpdir(), `latchkey-${name}-`));
    await promisify(execFile)(process.execPath, vite('build', example, '--outDir', outDir), { env });
    const args = vite('preview', example, '--outDir', outDir, '--host', '127.0.0.1', '--port', '0');
    const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const opened = new ExampleInBrowser(await listening(server), await browser.newPage(), outDir, server);
    await opened.page.goto(opened.url);
    return opened;
  }

  /** Resolves when the element that `selector` finds contains `text`. */
  async reads(selector: string, text: string): Promise<void> {
    await this.page.waitForFunction(
      ([where = '', wanted = '']) => document.querySelector(where)?.textContent?.includes(wanted) === true,
      [selector, text],
    );
  }

  async press(label: string): Promise<void> {
    await this.page.click(`button:has-text("${label}")`);
  }

  async close(): Promise<void> {
    await this.page.close();
    if (this.#server.kill()) await once(this.#server, 'exit');
    await rm(this.#outDir, { recursive: true, force: true });
  }
}
