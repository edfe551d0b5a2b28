import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../kit/free-port.js';

/** How often another port is tried, if another program takes the free one first. */
const TRIES = 5;

/** How long nginx may take to listen, ms. */
const PATIENCE_MS = 10_000;

/** nginx in front of servers on this machine, with its default settings for buffers and failures. */
export interface Nginx {
  readonly url: string;
  /** The contents of its error log. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The nginx of this machine.
 *
 * @throws {Error} in words, when there is none
 */
function nginxPath(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const given = process.env.NGINX_PATH === undefined ? [] : [process.env.NGINX_PATH];
  const found = [...given, ...folders.map((folder) => join(folder, 'nginx'))].find(existsSync);
  if (found !== undefined) return found;
  throw new Error(
    'nginx is not installed: run `apt-get install nginx` (Debian, Ubuntu) or `brew install nginx` (macOS), or set NGINX_PATH to the program.',
  );
}

/** Starts nginx as the user of this process, on a free port, with its own folder. */
export async function startNginx(upstreamPorts: readonly number[]): Promise<Nginx> {
  const program = nginxPath();
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-nginx-'));
  const errorLog = join(folder, 'error.log');
  const log = () => readFile(errorLog, 'utf8').catch(() => '');
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, upstreamPorts));
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', errorLog];
    const nginx = spawn(program, args, { stdio: 'ignore' });
    if (await isUp(nginx, folder))
      return { url: `http://127.0.0.1:${port}`, log, stop: () => stop(nginx, folder) };
    if (tries === TRIES || !(await log()).includes('Address already in use')) {
      const reason = await log();
      await stop(nginx, folder);
      throw new Error(`nginx did not start: ${reason}`);
    }
  }
}

function configuration(folder: string, port: number, upstreamPorts: readonly number[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const servers = upstreamPorts.map((upstream) => `server 127.0.0.1:${upstream};`);
  // Workers of an nginx that root started would run as a user without access to the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
    ${user}
    daemon off;
    worker_processes 1;
    pid ${folder}/nginx.pid;
    events {}
    http {
      access_log off;
      ${temporary.join('\n      ')}
      upstream token_endpoints { ${servers.join(' ')} }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://token_endpoints; }
      }
    }
  `;
}

/** Whether it listens: its pid file exists; false once it has ended instead. */
async function isUp(nginx: ChildProcess, folder: string): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (nginx.exitCode === null && performance.now() < until) {
    if (existsSync(join(folder, 'nginx.pid'))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function stop(nginx: ChildProcess, folder: string): Promise<void> {
  if (nginx.exitCode === null && nginx.kill()) await once(nginx, 'exit');
  await rm(folder, { recursive: true, force: true });
}
