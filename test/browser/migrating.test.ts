import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { eventually } from '../kit/eventually.js';
import { pairOf } from '../kit/migration-page.js';
import { launchChromium } from './chromium.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The page's imports, with the sandbox in place of Ably, and tokens that are soon renewed. */
const inThePage: Readonly<Record<string, string>> = {
  ably: `import * as Ably from 'real:ably';
    export class Realtime extends Ably.Realtime {
      constructor(options) { super({ ...service, logLevel: 0, ...options }); }
    }`,
  latchkey: `import { Auth as Real } from 'real:latchkey';
    export class Auth extends Real {
      constructor(options) { super({ ...service, defaultTokenParams: { ttl: 2_000 }, ...options }); }
    }`,
};

const substitutes: Plugin = {
  name: 'sandbox',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^(ably|latchkey)$/ }, ({ path, pluginData }) =>
      pluginData === 'real' ? null : { path, namespace: 'page' },
    );
    onResolve({ filter: /^real:/ }, ({ path, kind }) =>
      resolve(path.slice('real:'.length), { kind, resolveDir: here, pluginData: 'real' }),
    );
    onLoad({ filter: /.*/, namespace: 'page' }, ({ path }) => ({
      contents: inThePage[path] ?? '',
      resolveDir: here,
    }));
  },
};

/** A component of the page about migrating, as the script of a web page. */
async function scriptOf(code: string): Promise<string> {
  const mount = `import { createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    createRoot(document.body.appendChild(document.createElement('div'))).render(createElement(App));`;
  const { outputFiles } = await build({
    stdin: { contents: `${code}\n${mount}`, loader: 'tsx', resolveDir: here },
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'automatic',
    conditions: ['latchkey-source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [substitutes],
  });
  return outputFiles[0]?.text ?? '';
}

describe('the components of the page about migrating, in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => await browser?.close());

  it("Ably's components publish and receive with the connection of Latchkey, while its token is renewed", async () => {
    const sandbox = createSandbox();
    const { host, port } = await sandbox.listen();
    const happenings: string[] = [];
    sandbox.subscribe(({ type }) => happenings.push(type));
    const endpoint = tokenEndpoint({
      auth: new Auth({ key: sandbox.createApp().keys[0]?.keyStr ?? '', fetch: sandbox.fetch }),
      grant: () => ({ clientId: 'ada', capability: { 'chat:*': ['publish', 'subscribe'] } }),
    });
    const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
    const serve = async (request: Request) =>
      request.url.includes('/api/token') ? await endpoint(request) : page.clone();
    const app = createServer(nodeListener(serve)).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const tab = await browser.newPage();
    onTestFinished(async () => {
      await tab.close();
      app.close();
      await sandbox.dispose();
    });
    const printed: string[] = [];
    tab.on('console', (message) => printed.push(message.text()));
    tab.on('pageerror', (error) => printed.push(error.message));
    await tab.goto(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`);
    const service = { endpoint: host, port, tls: false };
    await tab.evaluate((value) => Object.assign(globalThis, { service: value }), service);
    const [, react] = pairOf('React');
    await tab.addScriptTag({ content: await scriptOf(react?.code ?? '') });
    await tab.getByRole('button', { name: 'Greet' }).click();
    await eventually(() => expect(printed).toEqual(['received hello']));
    await eventually(() => expect(happenings).toContain('reauthenticated'));
    expect(happenings).not.toContain('dropped');
    expect(sandbox.connections).toMatchObject([{ clientId: 'ada', isConnected: true }]);
  });
});
