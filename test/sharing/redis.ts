import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CountingSource } from './counting-source.js';
import { Fleet } from './redis-fleet.js';
import { RedisServer } from './redis-server.js';
import { StoreWatch } from './store-watch.js';
import type { Suite, SuiteRow } from './suite.js';

const HOURS_2 = 7_200_000;

/** After a fault of the store, a client does without it for so long, ms. */
const PAUSE_MS = 5_000;

/** How large the fleet is, and how long everything takes, ms. */
interface Size {
  readonly processes: number;
  readonly members: number;
  readonly lifeMs: number;
  readonly deadlineMs: number;
  /** The processes start one after the other within that time. */
  readonly startMs: number;
  /** How long a case runs besides what happens in it. */
  readonly runMs: number;
  readonly awayMs: number;
  readonly pauseMs: number;
}

const long: Size = {
  ...{ processes: 50, members: 20, lifeMs: 40_000, deadlineMs: 10_000 },
  ...{ startMs: 5_000, runMs: 24_000, awayMs: 5_000, pauseMs: 30_000 },
};
const short: Size = {
  ...{ processes: 6, members: 10, lifeMs: 6_000, deadlineMs: 3_000 },
  ...{ startMs: 200, runMs: 5_000, awayMs: 1_000, pauseMs: 3_000 },
};

/** A client renews when so much of the life is left, and up to a tenth of the life earlier. */
const LEFT = 0.4;
const EARLIEST = 0.5;

/** After trouble it renews earlier, within a third of that time. */
const EARLIEST_AFTER_TROUBLE = 0.33;

interface Scene {
  readonly size: Size;
  readonly fleet: Fleet;
  readonly source: CountingSource;
  readonly server: RedisServer;
  readonly watch: StoreWatch;
}

/** What happens while the members share, and how many more calls of the source it excuses. */
interface Case {
  readonly name: string;
  readonly clockAheadMs?: number;
  happen(scene: Scene): Promise<{ readonly excused: number; readonly ms: number }>;
}

const cases: readonly Case[] = [
  { name: 'first token and renewals', happen: nothing },
  {
    name: 'holder killed',
    async happen({ size, source, fleet }) {
      const since = performance.now();
      const holder = await nextCall(source, (id) => fleet.kill(id), false);
      await sleep(size.deadlineMs);
      await fleet.startOne(holder);
      return { excused: 2, ms: performance.now() - since };
    },
  },
  {
    name: 'holder stopped past its lease, and continued',
    async happen({ size, source, fleet }) {
      const since = performance.now();
      const holder = await nextCall(source, (id) => fleet.signal(id, 'SIGSTOP'), true);
      // Longer than its lease, and shorter than its deadline: it goes on, and writes.
      await sleep(size.deadlineMs * 0.7);
      fleet.signal(holder, 'SIGCONT');
      return { excused: 2, ms: performance.now() - since };
    },
  },
  {
    name: 'Redis killed, and restarted empty',
    async happen(scene) {
      const { size, server, watch } = scene;
      await server.kill();
      watch.close();
      await sleep(size.awayMs);
      await watch.open(server);
      return { excused: localCalls(size, size.awayMs), ms: size.awayMs };
    },
  },
  {
    name: 'Redis paused',
    async happen({ size, server }) {
      server.pause();
      await sleep(size.pauseMs);
      server.continue();
      return { excused: localCalls(size, size.pauseMs), ms: size.pauseMs };
    },
  },
  { name: "one process's clock two hours ahead", clockAheadMs: HOURS_2, happen: nothing },
];

async function nothing() {
  return { excused: 0, ms: 0 };
}

/** Without Redis each client asks for itself. */
const localCalls = ({ processes, members, lifeMs }: Size, awayMs: number): number =>
  processes * members * (1 + Math.ceil((awayMs + PAUSE_MS) / (lifeMs * EARLIEST_AFTER_TROUBLE)));

/** The process that asks the source next; it has the lease. */
function nextCall(source: CountingSource, act: (id: number) => void, isAnswered: boolean): Promise<number> {
  return new Promise((resolve) => {
    source.onCall = (member) => {
      source.onCall = undefined;
      const id = Number(member.split('.')[0]);
      act(id);
      resolve(id);
      return isAnswered;
    };
  });
}

/** The first use of everything takes much of the processors, which all processes share. */
async function warmUp(scene: Scene): Promise<void> {
  await begin(scene, 'warm-up', 0);
  await sleep(scene.size.startMs);
  await scene.fleet.end(scene.size.deadlineMs + 5_000);
}

async function begin({ size, fleet }: Scene, session: string, clockAheadMs: number): Promise<void> {
  const { processes, startMs, deadlineMs, lifeMs } = size;
  for (let id = 0; id < processes; id += 1) {
    const clock = { clockAheadMs: id === 0 ? clockAheadMs : 0 };
    fleet.begin(id, { session, deadlineMs, left: LEFT, everyMs: lifeMs / 4, ...clock });
    await sleep(startMs / processes);
  }
}

async function runCase(scene: Scene, { name, clockAheadMs = 0, happen }: Case) {
  const { size, source, fleet, watch } = scene;
  const { lifeMs, deadlineMs, startMs, runMs } = size;
  const before = source.calls;
  await watch.take();
  await begin(scene, name, clockAheadMs);
  await sleep(runMs / 2);
  const { excused, ms } = await happen(scene);
  await sleep(runMs / 2);
  const sourceCalls = source.calls - before;
  const reports = await fleet.end(deadlineMs + 5_000);
  const calls = reports.flatMap((report) => report.calls);
  const renewals = Math.ceil((startMs + runMs + ms) / (lifeMs * EARLIEST));
  // The first token, and one early renewal, because first renewals are spread.
  const allowed = 2 + renewals + excused;
  const { accepted, late } = await watch.take();
  if (accepted === 0) throw new Error(`${name}: nobody shared a token`);
  const row: SuiteRow = {
    case: name,
    members: size.processes * size.members,
    sourceCalls,
    allowed,
    longestWaitMs: calls.reduce((most, { waitMs }) => Math.max(most, waitMs), 0),
    lateWritesAccepted: late,
    unsettled: reports.reduce((sum, { unsettled }) => sum + unsettled, 0),
  };
  process.stderr.write(`redis, ${name}: ${JSON.stringify(row)}\n`);
  return { row, calls: calls.map((call) => ({ case: name, ...call })) };
}

/** Processes that share over a real Redis. */
export const redis: Suite = {
  name: 'redis',
  async run({ isShort }) {
    const size = isShort ? short : long;
    const secret = randomBytes(32).toString('base64');
    const server = await RedisServer.start();
    const watch = new StoreWatch(secret);
    const source = await CountingSource.start(size.lifeMs);
    let fleet: Fleet | undefined;
    try {
      await server.kill();
      await watch.open(server);
      const { processes, members } = size;
      const place = { members, secret, redisPort: server.port, url: source.url };
      fleet = await Fleet.start(processes, place);
      const scene = { size, fleet, source, server, watch };
      await warmUp(scene);
      const rows: SuiteRow[] = [];
      const ledger: object[] = [];
      for (const one of cases) {
        const { row, calls } = await runCase(scene, one);
        rows.push(row);
        ledger.push(...calls);
      }
      return { rows, ledger };
    } finally {
      await fleet?.close();
      source.close();
      watch.close();
      await server.stop();
    }
  },
};
