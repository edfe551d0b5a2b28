import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Where a process of the fleet finds everything. */
export interface Place {
  readonly id: number;
  readonly members: number;
  readonly redisPort: number;
  readonly url: string;
  readonly secret: string;
}

/** One call of a member. */
export interface Call {
  readonly member: string;
  /** A renewal is a call that the client makes by itself. */
  readonly call: 'getToken' | 'renewal';
  /** ms since the epoch. */
  readonly at: number;
  readonly waitMs: number;
  /** The token, the code of an error, or the state after a renewal. */
  readonly outcome: string;
}

/** What the members of a process do. */
export interface Start {
  readonly session: string;
  readonly clockAheadMs: number;
  readonly deadlineMs: number;
  /** Which share of the life of a token is left when it is renewed. */
  readonly left: number;
  /** How often each member asks for the token, ms. */
  readonly everyMs: number;
}

export type Command =
  | { readonly type: 'start'; readonly start: Start }
  | { readonly type: 'stop'; readonly graceMs: number };

export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped'; readonly calls: readonly Call[]; readonly unsettled: number };

type Stopped = Extract<Report, { type: 'stopped' }>;

/** Processes with several clients each. */
export class Fleet {
  readonly #processes = new Map<number, ChildProcess>();
  readonly #folder: string;
  readonly #place: Omit<Place, 'id'>;

  private constructor(folder: string, place: Omit<Place, 'id'>) {
    this.#folder = folder;
    this.#place = place;
  }

  static async start(processes: number, place: Omit<Place, 'id'>): Promise<Fleet> {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-fleet-'));
    // One file, because fifty processes that compile for themselves take a minute.
    await build({
      entryPoints: [fileURLToPath(new URL('./redis-member-child.ts', import.meta.url))],
      outfile: join(folder, 'member.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['latchkey-source', 'node'],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: 'error',
    });
    const fleet = new Fleet(folder, place);
    const ids = Array.from({ length: processes }, (_one, id) => id);
    for (let at = 0; at < processes; at += 5)
      await Promise.all(ids.slice(at, at + 5).map((id) => fleet.startOne(id)));
    return fleet;
  }

  async startOne(id: number): Promise<void> {
    const args = [JSON.stringify({ ...this.#place, id })];
    const started = fork(join(this.#folder, 'member.mjs'), args, { execArgv: [] });
    this.#processes.set(id, started);
    await reportOf(started, 'ready');
  }

  begin(id: number, start: Start): void {
    this.#order(id, { type: 'start', start });
  }

  #order(id: number, command: Command): void {
    this.#processes.get(id)?.send(command);
  }

  /** Its calls do not count. */
  kill(id: number): void {
    this.#processes.get(id)?.kill('SIGKILL');
    this.#processes.delete(id);
  }

  signal(id: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processes.get(id)?.kill(signal);
  }

  async end(graceMs: number): Promise<readonly Stopped[]> {
    const reports = [...this.#processes.values()].map((one) => reportOf(one, 'stopped'));
    for (const id of this.#processes.keys()) this.#order(id, { type: 'stop', graceMs });
    return await Promise.all(reports);
  }

  async close(): Promise<void> {
    for (const id of [...this.#processes.keys()]) this.kill(id);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function reportOf<Type extends Report['type']>(
  from: ChildProcess,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  for (;;) {
    const [report] = (await once(from, 'message')) as [Report];
    if (report.type === type) return report as Extract<Report, { readonly type: Type }>;
  }
}
