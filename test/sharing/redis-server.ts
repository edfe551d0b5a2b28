import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../kit/free-port.js';

/** How often another port is tried, if another program takes the free one first. */
const TRIES = 5;

/**
 * The redis-server of this machine.
 *
 * @throws {Error} in words, when there is none
 */
function redisPath(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  const given = process.env.REDIS_SERVER_PATH === undefined ? [] : [process.env.REDIS_SERVER_PATH];
  const found = [...given, ...folders.map((folder) => join(folder, 'redis-server'))].find(existsSync);
  if (found !== undefined) return found;
  throw new Error(
    'redis-server is not installed: run `apt-get install --no-install-recommends redis-server` (Debian, Ubuntu) or `brew install redis` (macOS), or set REDIS_SERVER_PATH to the program.',
  );
}

/** A Redis in memory alone, on a free port, with its own folder. */
export class RedisServer {
  readonly port: number;
  /** The port that the servers of a cluster talk over. */
  readonly busPort: number;
  readonly #folder: string;
  readonly #isOfCluster: boolean;
  #process: ChildProcess | undefined;

  private constructor(folder: string, ports: readonly [number, number], isOfCluster: boolean) {
    this.#folder = folder;
    [this.port, this.busPort] = ports;
    this.#isOfCluster = isOfCluster;
  }

  static async start({ isOfCluster = false } = {}): Promise<RedisServer> {
    redisPath();
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-redis-'));
    for (let tries = 1; ; tries += 1) {
      const server = new RedisServer(folder, [await freePort(), await freePort()], isOfCluster);
      try {
        await server.run();
        return server;
      } catch (error) {
        if (tries < TRIES && String(error).includes('Address already in use')) continue;
        await server.stop();
        throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The way to it before it has a port. */
  get path(): string {
    return join(this.#folder, 'redis.sock');
  }

  /**
   * Starts it, empty, on the port that it had.
   * @param port 0: without a port, until it is told
   */
  async run(port = this.port): Promise<void> {
    const ways = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', this.path];
    const settings = [...ways, '--dir', this.#folder];
    const inMemory = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
    const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(this.busPort)];
    const args = [...settings, ...inMemory, ...(this.#isOfCluster ? cluster : [])];
    const started = spawn(redisPath(), args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = started;
    process.once('exit', this.#end);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      started.stdout?.on('data', (text) => {
        said += text;
        if (/ready to accept connections/i.test(said)) resolve();
      });
      started.once('exit', () => reject(new Error(`redis-server did not start: ${said}`)));
      started.once('error', reject);
    });
  }

  /** The program stands still: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  continue(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Everything in it is lost. */
  async kill(): Promise<void> {
    process.off('exit', this.#end);
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, 'exit');
    running.kill('SIGKILL');
    await exit;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  readonly #end = (): void => {
    this.#process?.kill('SIGKILL');
  };
}
