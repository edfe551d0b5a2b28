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

/** A page of a Chromium that no test library holds awake: it can be frozen. */
interface BarePage {
  /** The value of an expression. */
  evaluate<T>(expression: string): Promise<T>;
  freeze(): Promise<void>;
  unfreeze(): Promise<void>;
}

export interface BareChromium {
  open(url: string): Promise<BarePage>;
  close(): Promise<void>;
}

/**
 * Starts a Chromium, and speaks its protocol without Playwright: that pretends that each page has the focus, and such
 * a page is never frozen.
 */
export async function bareChromium(): Promise<BareChromium> {
  const known = process.env[PATH_VARIABLE];
  const found = known === undefined ? await findChromium() : { path: known, remove: () => {} };
  const profile = mkdtempSync(join(tmpdir(), 'latchkey-profile-'));
  const args = [...chromiumArgs, '--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const child = spawn(found.path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const socket = new WebSocket(await addressIn(child.stderr));
  await once(socket, 'open');
  const send = sender(socket);
  return {
    async open(url) {
      const { targetId } = await send('Target.createTarget', { url });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      return barePage((method, params) => send(method, params, String(sessionId)));
    },
    async close() {
      socket.close();
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      found.remove();
    },
  };
}

const barePage = (send: Send): BarePage => ({
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
});

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

function sender(socket: WebSocket): Send {
  const pending = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(String(data));
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
