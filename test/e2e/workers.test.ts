import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import type { Outcome, Task } from './worker.js';

/** A Worker follows the rules of its compatibility date: the older one refuses the option `cache`. */
const dates = ['2026-01-01', '2023-01-01'] as const;

/** A Worker: a module whose default export answers requests. */
const MODULE = "import { answer } from './worker.js'; export default { fetch: answer };";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const worker = (date: string) => `(
  modules = [(name = "worker", esModule = embed "worker.mjs")], compatibilityDate = "${date}", globalOutbound = "network" )`;

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "network", network = (allow = ["private", "public"])),
    ${dates.map((date) => `(name = "${date}", worker = ${worker(date)})`).join(',\n    ')}
  ],
  sockets = [${dates.map((date) => `(name = "${date}", address = "127.0.0.1:0", http = (), service = "${date}")`).join(', ')}] );`;

describe('a client in workerd, the runtime of Cloudflare Workers', () => {
  let home: string;
  let child: ChildProcess;
  let sandbox: Sandbox;
  let application: Server;
  let ports: ReadonlyMap<string, number>;
  let base: Omit<Task, 'name'>;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'latchkey-workerd-'));
    await build({
      stdin: { contents: MODULE, resolveDir: at('.') },
      outfile: join(home, 'worker.mjs'),
      bundle: true,
      format: 'esm',
      conditions: ['latchkey-source', 'workerd', 'worker', 'browser'],
    });
    await writeFile(join(home, 'worker.capnp'), config);
    sandbox = createSandbox();
    const { host, port } = await sandbox.listen();
    const key = sandbox.createApp().keys[0]?.keyStr ?? '';
    const endpoint = nodeListener(
      tokenEndpoint({
        auth: new Auth(key),
        grant: () => ({ capability: { '*': ['subscribe', 'history'] } }),
      }),
    );
    application = createServer((request, response) => {
      if (request.url?.startsWith('/token')) endpoint(request, response);
      else response.writeHead(302, { location: '/token' }).end();
    });
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    base = {
      key,
      host,
      port,
      application: `http://127.0.0.1:${(application.address() as AddressInfo).port}`,
    };
    child = spawn(
      at('../../node_modules/.bin/workerd'),
      ['serve', join(home, 'worker.capnp'), '--control-fd=1'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    ports = await portsOf(child);
  });

  afterAll(async () => {
    child?.kill();
    application?.closeAllConnections();
    application?.close();
    await sandbox?.dispose();
    await rm(home, { recursive: true, force: true });
  });

  const run = async (date: string, name: Task['name']): Promise<Outcome> => {
    const body = JSON.stringify({ ...base, name });
    const response = await fetch(`http://127.0.0.1:${ports.get(date)}/`, { method: 'POST', body });
    return (await response.json()) as Outcome;
  };

  describe.each(dates)('a client with the compatibility date %s', (date) => {
    it.each<[Task['name'], unknown]>([
      ['authUrl by GET', 'string'],
      ['authUrl by POST', 'string'],
      ['authUrl with headers', 'string'],
      ['authUrl with a redirect within the origin', 'string'],
      ['authUrl with headers and a redirect', 'string'],
      ['the exchange of a TokenRequest', 'string'],
      ['the time', 'number'],
      ['the time, before signing', 'string'],
      ['authorize()', 'authorized'],
      ['auth.fetch()', 200],
      ["auth.fetch() with redirect: 'error'", 200],
      ['an endpoint of the format token-request', [200, true]],
      ['an endpoint of the format token', [200, true]],
      ['an endpoint of the format jwt', [200, true]],
      ['a service that cannot be reached', 'number'],
    ])('%s works as on other platforms', async (name, value) => {
      expect(await run(date, name)).toEqual({ value });
    });

    it.each<[Task['name'], RegExp]>([
      ['authUrl by POST with a redirect', /redirects/],
      ['a service that redirects', /redirect, which is not followed/],
      ['a fetch with a wrong receiver', /^fetch itself failed, not the network: Illegal invocation/],
      [
        'a fetch with a wrong receiver, for authUrl',
        /fetch itself failed, not the network: Illegal invocation/,
      ],
    ])('%s is an error that says so', async (name, message) => {
      expect(await run(date, name)).toMatchObject({
        error: { code: 40170, message: expect.stringMatching(message) as unknown },
      });
    });
  });
});

/** The sockets of the process by name, once all of them listen. */
function portsOf(child: ChildProcess): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  let told = '';
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`workerd ended with ${code} before it listened`)));
    child.stdout?.on('data', (data) => {
      told += String(data);
      for (const [, socket = '', port] of told.matchAll(/"socket":\s*"([^"]+)",\s*"port":\s*(\d+)/g)) {
        ports.set(socket, Number(port));
      }
      if (dates.every((date) => ports.has(date))) resolve(ports);
    });
  });
}
