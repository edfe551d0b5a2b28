import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { PATH_VARIABLE } from './chromium.js';
import { chromiumArgs, findChromium } from './find-chromium.js';

type Params = Readonly<Record<string, unknown>>;
type Result = Readonly<Record<string, unknown>>;
type Send = (method: string, params?: Params, sessionId?: string) => Promise<Result>;
type Hear = (method: string, params: Result) => void;

/** A page of a Chromium that no test library holds awake: it can be frozen. */
export interface BarePage {
  /** Why the page was not taken from the back/forward cache, by Chromium's names, since it was opened. */
  readonly notRestored: readonly string[];
  /** The value of an expression. */
  evaluate<T>(expression: string): Promise<T>;
  freeze(): Promise<void>;
  unfreeze(): Promise<void>;
  navigate(url: string): Promise<void>;
  back(): Promise<void>;
  reload(): Promise<void>;
  close(): Promise<void>;
  /** Ends the process of the page. */
  crash(): void;
}

export interface BareChromium {
  open(url: string): Promise<BarePage>;
  close(): Promise<void>;
}

/** Which Chromium is started, and how. */
export interface BareOptions {
  /** The path of its program. Default: the one that was found for this run of the tests. */
  readonly path?: string | undefined;
  readonly args?: readonly string[];
}

/**
 * Starts a Chromium, and speaks its protocol without Playwright: that pretends that each page has the focus, and such
 * a page is never frozen.
 */
export async function bareChromium({
  path: known = process.env[PATH_VARIABLE],
  args: more = [],
}: BareOptions = {}): Promise<BareChromium> {
  const found = known === undefined ? await findChromium() : { path: known, remove: () => {} };
  const profile = mkdtempSync(join(tmpdir(), 'latchkey-profile-'));
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const args = [...chromiumArgs, ...more, ...own];
  const child = spawn(found.path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const socket = new WebSocket(await addressIn(child.stderr));
  await once(socket, 'open');
  const listeners = new Map<string, Hear>();
  const send = sender(socket, listeners);
  return {
    async open(url) {
      const { targetId } = await send('Target.createTarget', { url });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const inPage: Send = (method, params) => send(method, params, String(sessionId));
      const notRestored: string[] = [];
      listeners.set(String(sessionId), (method, params) => {
        if (method === 'Page.backForwardCacheNotUsed') notRestored.push(...reasonsIn(params));
      });
      await inPage('Page.enable');
      const close = async () => void (await send('Target.closeTarget', { targetId }));
      return barePage(inPage, notRestored, close);
    },
    async close() {
      const ended = once(child, 'exit');
      // Its processes write into the profile until they end.
      send('Browser.close').catch(() => {});
      await ended;
      socket.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      found.remove();
    },
  };
}

const barePage = (send: Send, notRestored: readonly string[], close: () => Promise<void>): BarePage => ({
  notRestored,
  close,
  async evaluate<T>(expression: string) {
    const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return (answer.result as { readonly value: T }).value;
  },
  async freeze() {
    await send('Page.setWebLifecycleState', { state: 'frozen' });
  },
  async unfreeze() {
    await send('Page.setWebLifecycleState', { state: 'active' });
  },
  async navigate(url) {
    await send('Page.navigate', { url });
  },
  async back() {
    // The page may be gone before it has answered.
    await send('Runtime.evaluate', { expression: 'history.back()' }).catch(() => {});
  },
  async reload() {
    await send('Page.reload');
  },
  crash() {
    // No answer comes.
    send('Page.crash').catch(() => {});
  },
});

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Page/#event-backForwardCacheNotUsed */
const reasonsIn = (params: Result): string[] =>
  (params.notRestoredExplanations as readonly { readonly reason: string }[]).map(({ reason }) => reason);

/** Where Chromium listens: it prints that. */
async function addressIn(output: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const part of output) {
    text += String(part);
    const [address] = /ws:\S+/.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium ended before it listened: ${text}`);
}

function sender(socket: WebSocket, listeners: ReadonlyMap<string, Hear>): Send {
  const pending = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  socket.on('message', (data) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(String(data));
    if (method !== undefined) listeners.get(sessionId)?.(method, params);
    if (error === undefined) pending.get(id)?.resolve(result);
    else pending.get(id)?.reject(new Error(error.message));
    pending.delete(id);
  });
  let latest = 0;
  return (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      latest += 1;
      pending.set(latest, { resolve, reject });
      socket.send(JSON.stringify({ id: latest, method, params, sessionId }));
    });
}
