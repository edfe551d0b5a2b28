import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { root } from '../kit/imports.js';

const run = promisify(execFile);

/** Together 350 MB: too much for each `npm ci`, so they are downloaded here. */
const packages = ['bun@1.4.5', 'deno@2.9.6', 'workerd@1.20261117.1'];

/** The program of a user, the same for all runtimes. */
const app = `
import { Auth } from 'latchkey';
import { refuse, tokenEndpoint } from 'latchkey/server';
const auth = new Auth('appId.keyId:secret');
const grant = (request) => {
  const user = request.headers.get('x-user');
  return user === null ? refuse(401) : { clientId: user, capability: { 'chat:*': ['subscribe'] } };
};
const jwt = tokenEndpoint({ auth, grant, format: 'jwt' });
const tokenRequest = tokenEndpoint({ auth, grant });
export const endpoint = (request) => (request.url.includes('/jwt') ? jwt(request) : tokenRequest(request));
`;

const servers: Readonly<Record<string, string>> = {
  'bun.mjs': `import { endpoint } from './app.mjs';
console.log('{"port":' + Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: endpoint }).port + '}');`,
  'deno.mjs': `import { endpoint } from './app.mjs';
const onListen = ({ port }) => console.log('{"port":' + port + '}');
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen }, endpoint);`,
  'worker.mjs': `import { endpoint } from './app.mjs';\nexport default { fetch: endpoint };`,
  'worker.capnp': `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")] );
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.bundle.mjs")], compatibilityDate = "2026-01-01" );`,
};

const commands: Readonly<Record<string, readonly string[]>> = {
  bun: ['bun.mjs'],
  deno: ['run', '--node-modules-dir=manual', '--allow-net', '--allow-read', '--allow-env', 'deno.mjs'],
  workerd: ['serve', 'worker.capnp', '--control-fd=1'],
};

async function prepare(home: string): Promise<void> {
  await writeFile(join(home, 'package.json'), '{ "type": "module" }');
  await run('npm', ['install', '--no-save', ...packages], { cwd: home });
  await symlink(root, join(home, 'node_modules', 'latchkey'), 'dir');
  await writeFile(join(home, 'app.mjs'), app);
  for (const [name, text] of Object.entries(servers)) await writeFile(join(home, name), text);
  await build({
    entryPoints: [join(home, 'worker.mjs')],
    outfile: join(home, 'worker.bundle.mjs'),
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
  });
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (data) => {
      const [, port] = /"port":\s*(\d+)/.exec(String(data)) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code} before it listened`)));
  });
}

/** @returns the differences from the expected answers */
async function faultsAt(port: number): Promise<string[]> {
  const base = `http://127.0.0.1:${port}`;
  const headers = { 'x-user': 'ada' };
  const form = { method: 'POST', headers, body: new URLSearchParams({ ttl: '5000', clientId: 'bob' }) };
  const got = await (await fetch(`${base}/request?ttl=5000`, { headers })).json();
  const posted = await (await fetch(`${base}/request`, form)).json();
  const jwt = await fetch(`${base}/jwt`, { headers });
  const refused = await fetch(`${base}/jwt`);
  const facts: Readonly<Record<string, boolean>> = {
    'a TokenRequest by GET': got.clientId === 'ada' && got.ttl === 5_000 && got.mac.length === 44,
    'a TokenRequest by POST': posted.clientId === 'ada' && posted.ttl === 5_000,
    'a JWT':
      jwt.headers.get('content-type') === 'application/jwt' && (await jwt.text()).split('.').length === 3,
    'no-store': jwt.headers.get('cache-control') === 'no-store',
    'a refusal': refused.status === 401 && refused.headers.get('x-ably-errorcode') === '40101',
  };
  return Object.entries(facts).flatMap(([fact, isSo]) => (isSo ? [] : [fact]));
}

if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
const home = await mkdtemp(join(tmpdir(), 'latchkey-runtimes-'));
try {
  await prepare(home);
  for (const [name, args] of Object.entries(commands)) {
    const program = join(home, 'node_modules', '.bin', name);
    const version = (await run(program, ['--version'])).stdout.split('\n')[0];
    const child = spawn(program, args, { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
    const faults = await faultsAt(await portOf(child));
    child.removeAllListeners('exit').kill();
    console.log(
      `${name} (${version}): ${faults.length === 0 ? 'as on Node' : `without ${faults.join(', ')}`}`,
    );
    if (faults.length > 0) process.exitCode = 1;
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
