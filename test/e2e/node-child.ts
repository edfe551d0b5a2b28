import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../kit/imports.js';

/** How a process ended, and its output. */
interface End {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A Node process with its own program, which imports the built package by name. */
export class NodeChild {
  static readonly #running = new Set<NodeChild>();
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #attempts = new Set<() => void>();
  #out = '';
  #err = '';

  /** @param program an ES module */
  constructor(program: string) {
    if (!existsSync(join(root, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.');
    const { NODE_OPTIONS: _ours, ...env } = process.env;
    const args = ['--input-type=module', '--eval', program];
    this.#child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#heard(text, ''));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#heard('', text));
    this.ended = once(this.#child, 'close').then(([code]) => {
      NodeChild.#running.delete(this);
      return { code: code as number | null, out: this.#out, err: this.#err };
    });
    NodeChild.#running.add(this);
  }

  /** Ends all processes at the end of a test. */
  static async endAll(): Promise<void> {
    for (const { ended } of [...NodeChild.#running].map((one) => one.#kill())) await ended;
  }

  /**
   * Waits until the standard output contains `wanted` this number of times. Rejects if the process ends
   * before.
   */
  says(wanted: string, times = 1): Promise<void> {
    return this.#until(wanted, times, () => this.#out);
  }

  /** The same for its standard error. */
  complains(wanted: string, times = 1): Promise<void> {
    return this.#until(wanted, times, () => this.#err);
  }

  #until(wanted: string, times: number, heard: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        if (heard().split(wanted).length <= times) return;
        this.#attempts.delete(attempt);
        resolve();
      };
      this.#attempts.add(attempt);
      attempt();
      this.ended.then(({ code, out, err }) =>
        reject(new Error(`it ended with ${code} before it said ${wanted} ${times} times:\n${out}${err}`)),
      );
    });
  }

  #heard(out: string, err: string): void {
    this.#out += out;
    this.#err += err;
    for (const attempt of [...this.#attempts]) attempt();
  }

  #kill(): this {
    this.#child.kill('SIGKILL');
    return this;
  }
}
