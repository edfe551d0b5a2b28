import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { eventually } from '../kit/eventually.js';
import { type BareChromium, bareChromium } from './devtools.js';

/** The life of a token, ms. */
let ttl: number;

let chromium: BareChromium;
let server: Server;
let sandbox: Sandbox;
let backend: Auth;
let address: string;
/** The token requests and the transports at the service, in their order. */
let steps: string[];
/** How connections ended at the service. */
let ends: string[] = [];

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('frozen-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['latchkey-source'],
  });
  sandbox = createSandbox();
  backend = new Auth({ key: sandbox.createApp().keys[0]?.keyStr ?? '', fetch: sandbox.fetch });
  sandbox.subscribe((happening) => {
    if (happening.type === 'closed' || happening.type === 'dropped') ends.push(happening.type);
    if (happening.type === 'connected') steps.push('transport');
    if (happening.type === 'request' && happening.path.endsWith('/requestToken')) steps.push('token request');
  });
  const { port } = await sandbox.listen();
  server = createServer(async ({ url }, response) => {
    if (url?.startsWith('/token-request')) {
      const request = await backend.createTokenRequest({ ttl });
      response.setHeader('content-type', 'application/json').end(JSON.stringify(request));
    } else {
      const page = `<!doctype html><title>page</title><script>${outputFiles[0]?.text}</script>`;
      response.setHeader('content-type', 'text/html').end(page);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?port=${port}`;
  chromium = await bareChromium();
});

afterAll(async () => {
  await chromium?.close();
  server?.close();
  backend?.dispose();
  await sandbox?.dispose();
});

/** What a page hears after it was frozen. */
const afterwards = ['disconnected: the page was frozen', 'connecting', 'connected'];

describe('a page in Chromium that is frozen', () => {
  it.each([
    [
      'the token expires meanwhile: the service gets a token request before the transport',
      4_000,
      5_000,
      true,
    ],
    ['the token does not expire: the service gets no token request', 3_600_000, 500, false],
  ])('%s', async (_what, life, frozenFor, isRequested) => {
    ttl = life;
    steps = [];
    const page = await chromium.open(address);
    await eventually(async () => expect(await page.evaluate('globalThis.stateNow?.()')).toBe('connected'));
    await page.evaluate('void happened.splice(0)');
    steps.length = 0;

    await page.freeze();
    await sleep(frozenFor);
    expect(steps).toEqual([]);
    await page.unfreeze();
    await eventually(async () => expect(await page.evaluate('happened')).toEqual(afterwards));
    // A short token may be renewed once more before the transport is there.
    expect([...new Set(steps)]).toEqual(isRequested ? ['token request', 'transport'] : ['transport']);
    await page.evaluate('void close()');
  });

  it('no event reports it: the service ends the transport, whose socket lives, and the token comes before the next', async () => {
    [ttl, steps, ends] = [3_600_000, [], []];
    const awake = await chromium.open(`${address}&unreported`);
    await eventually(async () => expect(await awake.evaluate('globalThis.stateNow?.()')).toBe('connected'));
    [ttl, steps] = [18_000, []];
    const page = await chromium.open(`${address}&unreported`);
    await eventually(async () => expect(await page.evaluate('globalThis.stateNow?.()')).toBe('connected'));
    await page.evaluate('void happened.splice(0)');
    await page.freeze();
    const expired = sleep(ttl);
    // A PING without a PONG, after 15 s.
    await eventually(() => expect(ends).toEqual(['dropped']));
    await expired;
    steps = [];
    await page.unfreeze();
    await eventually(async () => expect(await page.evaluate('happened.slice(0, 3)')).toEqual(afterwards));
    expect([...new Set(steps)]).toEqual(['token request', 'transport']);
    // The page that was not frozen has answered.
    expect(await awake.evaluate('happened')).toEqual(['connecting', 'connected']);
    for (const one of [page, awake]) await one.evaluate('void close()');
  });

  it('a listener of the application for pagehide can still close the connection, which leaves presence', async () => {
    [ttl, steps] = [3_600_000, []];
    const page = await chromium.open(address);
    await eventually(async () => expect(await page.evaluate('globalThis.stateNow?.()')).toBe('connected'));
    ends = [];
    // The packaged Chromium keeps no page, so the event is made here.
    await page.evaluate(`addEventListener('pagehide', () => connection.close());
      void dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
    await eventually(() => expect(ends).toEqual(['closed']));
    await page.evaluate('void close()');
  });
});
