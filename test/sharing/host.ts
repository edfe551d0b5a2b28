import { type HostProcess, HostProcesses, type Report, type Task } from './host-process.js';
import type { Suite, SuiteRow } from './suite.js';
import { TokenSource } from './token-source.js';

const HOUR = 3_600_000;
const SHORT_LIFE_MS = 6_000;

/** The earliest renewal of a token in turn: four fifths of its life, less the jitter. */
const RENEWAL_MS = 0.7 * SHORT_LIFE_MS;

/** The deadline of an acquisition. A lease ends a second after it. */
const DEADLINE_MS = 2_000;
const STOPPED_MS = DEADLINE_MS + 2_000;

/** What a case works with. */
interface Stage {
  readonly source: TokenSource;
  readonly isShort: boolean;
  start(count: number, task: Omit<Task, 'folder' | 'source'>): Promise<HostProcess[]>;
  /** The process that calls the source next, which has the lease. Its own calls do not count for the longest wait. */
  nextHolder(): Promise<HostProcess>;
}

/** @returns how many calls of the source are allowed */
type Case = (stage: Stage) => Promise<number>;

const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

const allAtOnce: Case = async ({ source, isShort, start }) => {
  source.delayMs = 200;
  const [processes, clients] = isShort ? [8, 5] : [20, 20];
  const members = await start(processes, { clients, deadlineMs: 10_000 });
  for (const one of members) one.say({ type: 'get' });
  await Promise.all(members.map((one) => one.heard('call', clients)));
  return 1;
};

const manyRenewals: Case = async ({ source, isShort, start, nextHolder }) => {
  source.lifeMs = SHORT_LIFE_MS;
  source.delayMs = 50;
  const runMs = isShort ? 15_000 : 120_000;
  const members = await start(8, { clients: 5, deadlineMs: DEADLINE_MS });
  const startedAt = Date.now();
  for (const one of members) one.say({ type: 'use', everyMs: 250 });
  await sleep(2_000);
  await (await nextHolder()).kill();
  await sleep(2_000);
  const stopped = await nextHolder();
  stopped.signal('SIGSTOP');
  await sleep(STOPPED_MS);
  stopped.signal('SIGCONT');
  await sleep(startedAt + runMs - Date.now());
  // The first token, its early renewal by one of the members, and one token in each period.
  const needed = 2 + Math.ceil((Date.now() - startedAt) / RENEWAL_MS);
  // The calls of the killed and the stopped process led to nothing.
  return Math.ceil(1.02 * needed) + 2;
};

const lateWrite: Case = async ({ start, nextHolder }) => {
  const [holder] = await start(1, { clients: 1, deadlineMs: 1_000, stopsBeforeWrite: true });
  const stopped = nextHolder();
  holder?.say({ type: 'get' });
  await stopped;
  await holder?.heard('writing');
  const others = await start(3, { clients: 5, deadlineMs: 10_000 });
  for (const one of others) one.say({ type: 'get' });
  await Promise.all(others.map((one) => one.heard('call', 5)));
  holder?.signal('SIGCONT');
  await holder?.heard('wrote');
  // Its own, the one after it, and its own again: a store that did not answer for so long is not asked.
  return 3;
};

const cases: Readonly<Record<string, Case>> = {
  'all need a token at once': allAtOnce,
  'tokens of 6 s, a holder killed, a holder stopped': manyRenewals,
  'a holder stopped before its write, until its lease is over': lateWrite,
};

/** One call of one member. */
interface LedgerEntry {
  readonly case: string;
  readonly member: string;
  /** When the call began, ms after the case did. */
  readonly at: number;
  readonly ms: number;
  /** The token that came, or how the call failed. */
  readonly outcome: string;
}

type Calls = Extract<Report, { readonly type: 'call' }>[];

/** Processes of one machine that share a folder. */
export const host: Suite = {
  name: 'host',
  async run({ isShort }) {
    const rows: SuiteRow[] = [];
    const ledger: LedgerEntry[] = [];
    const processes = await HostProcesses.prepare();
    try {
      for (const [name, work] of Object.entries(cases)) {
        const source = await TokenSource.listen(HOUR);
        const disturbed = new Set<number>();
        let members = 0;
        const startedAt = Date.now();
        const allowed = await work({
          source,
          isShort,
          start(count, task) {
            members += count * task.clients;
            return processes.start(count, { ...task, source: source.url });
          },
          async nextHolder() {
            const pid = await source.nextCaller();
            disturbed.add(pid);
            const holder = processes.all.find((one) => one.pid === pid);
            if (holder === undefined) throw new Error('the source was called by an unknown process');
            return holder;
          },
        });
        const calls = source.calls;
        const unsettled = await endOf(processes.all);
        const waits = processes.all.flatMap((one) =>
          disturbed.has(one.pid) ? [] : one.reports('call').map(({ ms }) => ms),
        );
        for (const [at, one] of processes.all.entries())
          ledger.push(...entriesOf(one.reports('call'), name, `process ${at + 1}`, startedAt));
        rows.push({
          case: name,
          members,
          sourceCalls: calls,
          allowed,
          longestWaitMs: Math.max(...waits),
          lateWritesAccepted: lateWritesIn(processes.all),
          unsettled,
        });
        source.dispose();
        await processes.endCase();
      }
    } finally {
      await processes.dispose();
    }
    return { rows, ledger };
  },
};

/** How many calls have not settled by their deadline. Killed processes have none. */
async function endOf(members: readonly HostProcess[]): Promise<number> {
  const running = members.filter(({ isOver }) => !isOver);
  for (const one of running) one.say({ type: 'end' });
  const ended = await Promise.all(running.map((one) => one.heard('ended')));
  return ended.flat().reduce((sum, { unsettled }) => sum + unsettled, 0);
}

/** How many writes were accepted for an epoch that had a writer already. */
function lateWritesIn(members: readonly HostProcess[]): number {
  const accepted = members
    .flatMap((one) => one.reports('wrote'))
    .filter(({ isAccepted }) => isAccepted)
    .map(({ name, after }) => `${name} ${after}`);
  return accepted.length - new Set(accepted).size;
}

const entriesOf = (calls: Calls, name: string, process: string, startedAt: number): LedgerEntry[] =>
  calls.map(({ client, at, ms, outcome }) => ({
    case: name,
    member: `${process}, client ${client + 1}`,
    at: at - startedAt,
    ms,
    outcome,
  }));
