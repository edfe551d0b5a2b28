import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../kit/imports.js';

/** What a process of clients is told at its start. */
export interface Task {
  readonly folder: string;
  /** The address of the token source. */
  readonly source: string;
  readonly clients: number;
  /** The deadline of an acquisition; a lease lasts a second longer. */
  readonly deadlineMs: number;
  /** Whether the process stops itself (SIGSTOP) between the source's answer and the write. */
  readonly stopsBeforeWrite?: boolean;
}

export type Command =
  | { readonly type: 'get' | 'forget' | 'leave' | 'end' }
  | { readonly type: 'use'; readonly everyMs: number };

export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'logged'; readonly line: string }
  | { readonly type: 'step'; readonly client: number; readonly step: string }
  | { readonly type: 'writing'; readonly after: number }
  | { readonly type: 'wrote'; readonly name: string; readonly after: number; readonly isAccepted: boolean }
  | {
      readonly type: 'call';
      readonly client: number;
      /** The wall clock, ms. */
      readonly at: number;
      readonly ms: number;
      readonly outcome: string;
    }
  | { readonly type: 'ended'; readonly unsettled: number };

type ReportOf<Type extends Report['type']> = Extract<Report, { readonly type: Type }>;

/** Processes with clients that share tokens in a folder. */
export class HostProcesses {
  readonly #home: string;
  readonly #all: HostProcess[] = [];
  #cases = 0;

  private constructor(home: string) {
    this.#home = home;
  }

  /** The folder of the current case. It does not exist at the beginning. */
  get folder(): string {
    return join(this.#home, `case-${this.#cases}`, 'tokens');
  }

  /** The running processes. */
  get all(): readonly HostProcess[] {
    return this.#all;
  }

  /** Builds the program, because loading it from its sources takes seconds each time. */
  static async prepare(): Promise<HostProcesses> {
    const home = await mkdtemp(join(tmpdir(), 'latchkey-'));
    await build({
      entryPoints: [join(root, 'test/sharing/host-child.ts')],
      ...{ bundle: true, platform: 'node', format: 'cjs', conditions: ['latchkey-source'] },
      outfile: join(home, 'child.cjs'),
      logLevel: 'error',
    });
    return new HostProcesses(home);
  }

  async start(count: number, task: Omit<Task, 'folder'>): Promise<HostProcess[]> {
    const program = join(this.#home, 'child.cjs');
    const started = Array.from(
      { length: count },
      () => new HostProcess(program, { ...task, folder: this.folder }),
    );
    this.#all.push(...started);
    await Promise.all(started.map((one) => one.heard('ready')));
    return started;
  }

  /** Ends the processes. The next ones have a new folder. */
  async endCase(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((one) => one.kill()));
    this.#cases += 1;
  }

  async dispose(): Promise<void> {
    await this.endCase();
    await rm(this.#home, { recursive: true, force: true });
  }
}

/** One of them. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(program: string, task: Task) {
    const { NODE_OPTIONS: _ours, ...env } = process.env;
    this.#child = fork(program, [JSON.stringify(task)], { env, execArgv: [], stdio: 'inherit' });
    const note = () => [...this.#waiting].forEach((attempt) => void attempt());
    this.#child.on('message', (one: Report) => {
      this.#reports.push(one);
      note();
    });
    this.#child.on('exit', note);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it ended. null: it runs, or a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  reports<Type extends Report['type']>(type: Type): ReportOf<Type>[] {
    return this.#reports.filter((one): one is ReportOf<Type> => one.type === type);
  }

  /** Waits for reports of a kind. Rejects if the process ends before. */
  heard<Type extends Report['type']>(type: Type, count = 1): Promise<ReportOf<Type>[]> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const found = this.reports(type);
        if (found.length < count && !this.isOver) return;
        this.#waiting.delete(attempt);
        if (found.length < count) reject(new Error(`the process ended before it reported ${type}`));
        else resolve(found);
      };
      this.#waiting.add(attempt);
      attempt();
    });
  }

  say(command: Command): void {
    if (!this.isOver) this.#child.send(command);
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  async kill(): Promise<void> {
    if (this.isOver) return;
    const over = once(this.#child, 'exit');
    this.signal('SIGKILL');
    await over;
  }
}
