import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { root } from '../kit/imports.js';

const run = promisify(execFile);
const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };

/** Free ports in place of those of the guide. */
async function freePorts(): Promise<[string, string, string]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = servers.map(async (server) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return String((server.address() as AddressInfo).port);
  });
  const [service = '', backend = '', page = ''] = await Promise.all(ports);
  for (const server of servers) server.close();
  return [service, backend, page];
}

/** The page's files by name, and the outputs it promises, in the order of the page. */
async function read(): Promise<{ files: Map<string, string>; printed: string[]; pagePort: string }> {
  const [service, backend, pagePort] = await freePorts();
  const text = (await readFile(join(root, 'docs/getting-started.md'), 'utf8'))
    .replaceAll('4821', service)
    .replaceAll('4822', backend)
    .replaceAll('http://localhost:5173', `http://127.0.0.1:${pagePort}`);
  const files = [...text.matchAll(/^`([\w.-]+)`:\n\n```\w+\n([\s\S]*?)```/gm)];
  return {
    files: new Map(files.map(([, name = '', content = '']) => [name, content])),
    printed: [...text.matchAll(/```text\n([\s\S]*?)```/g)].map(([, output = '']) => output),
    pagePort,
  };
}

/** Collects the output of a process until it has printed `last`. */
function printing(child: ChildProcess, last: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const add = (chunk: Buffer) => {
      text += chunk;
      if (text.includes(last)) resolve(text);
    };
    child.stdout?.on('data', add);
    child.stderr?.on('data', add);
    child.once('exit', () => reject(new Error(`it ended, and had printed: ${text}`)));
  });
}

/** docs/getting-started.md, step by step, with the packed package. */
describe('the first steps', () => {
  let home: string;
  let printed: string[];
  let pagePort: string;
  const running: ChildProcess[] = [];

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, args, { cwd: home, env });
    running.push(child);
    return child;
  };

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
    home = await mkdtemp(join(tmpdir(), 'latchkey-first-'));
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', home], {
      cwd: root,
    });
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
    const modules = join(home, 'node_modules');
    await mkdir(join(modules, 'latchkey'), { recursive: true });
    await run('tar', ['xzf', join(home, filename), '--strip-components=1', '-C', join(modules, 'latchkey')]);
    const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(modules, name), 'dir');
    }
    await writeFile(join(home, 'package.json'), '{ "name": "first", "version": "1.0.0" }');
    const page = await read();
    ({ printed, pagePort } = page);
    for (const [name, content] of page.files) await writeFile(join(home, name), content);
    expect([...page.files.keys()]).toEqual([
      'first.mjs',
      'backend.mjs',
      'client.mjs',
      'index.html',
      'main.js',
    ]);
  }, 60_000);

  afterAll(async () => {
    for (const child of running) if (child.exitCode === null && child.kill()) await once(child, 'exit');
    await rm(home, { recursive: true, force: true });
  });

  it('the first step gets a token in Node, and prints what the page says', async () => {
    const { stdout } = await run(process.execPath, ['first.mjs'], { cwd: home, env, timeout: 50_000 });
    expect(stdout).toBe(printed[0]);
  });

  it('the second step starts a backend, and a client in Node that is connected', async () => {
    await printing(start('backend.mjs'), 'ready');
    const [, told = ''] = printed;
    const client = start('client.mjs');
    const lines = (await printing(client, 'connection connected\n')).split('\n');
    const expected = told.split('\n');
    // The connection may begin before or after the token is committed.
    expect([...lines].sort()).toEqual([...expected].sort());
    for (const at of [0, 1, 4]) expect(lines[at]).toBe(expected[at]);
  });

  it('the third step starts a page that is connected, and signs out', async () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    await run(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: home, env });
    const server = start(vite, 'preview', '--host', '127.0.0.1', '--port', pagePort, '--strictPort');
    const [url = ''] = /http:\S+/.exec(await printing(server, 'http://')) ?? [];
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', ({ message }) => complaints.push(message));
      await page.goto(url);
      const reads = (id: string, text: string) =>
        page.waitForFunction(
          ([where = '', wanted]) => document.getElementById(where)?.textContent === wanted,
          [id, text],
        );
      await reads('who', 'ada');
      await reads('state', 'authorized');
      await reads('connection', 'connected');
      await page.click('#sign-out');
      await reads('who', 'signed out');
      await reads('state', 'idle');
      await reads('connection', 'closed');
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});
