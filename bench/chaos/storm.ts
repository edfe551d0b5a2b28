import { seededChance } from '../../src/chance.js';
import { Auth } from '../../src/index.js';
import { createSandbox, type FaultPlan, type Sandbox } from '../../src/sandbox/index.js';
import {
  ably,
  type Contender,
  latchkey,
  latchkeyWithSdk,
  NAMES,
  type Name,
  type Source,
  watchSdk,
} from './contender.js';
import { isIn, type Weather, weather } from './network-faults.js';
import { type Report, Tally } from './tally.js';

const TTL_MS = 4_000;
const SOURCE_LATENCY_MS = 40;
const LATE_MS = 700;
const STEP_MS = 10;
/** Longer than any deadline. */
const GRACE_MS = 15_000;

export interface Storm {
  readonly seed: number;
  readonly seconds: number;
  readonly cuts: number;
  readonly sourceDownShare: number;
  readonly authLateShare: number;
  readonly authSilentShare: number;
  readonly contenders: readonly Report[];
}

/**
 * Runs all side by side, against one server, with the same faults.
 *
 * @param graceMs how long promises have to be settled when all is over
 */
export async function storm(seed: number, seconds: number, graceMs = GRACE_MS): Promise<Storm> {
  const plan = weather(seed, seconds * 1_000);
  const sandbox = createSandbox();
  const server = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const issuer = new Auth({ key, fetch: sandbox.fetch });
  const start = performance.now();
  const now = () => performance.now() - start;

  const tallies = Object.fromEntries(NAMES.map((name) => [name, new Tally(name, TTL_MS)])) as Record<
    Name,
    Tally
  >;
  const owners = new Map<string, { readonly name: Name; readonly expires: number }>();
  const opened = (token: string) => {
    const { name, expires } = owners.get(token) ?? {};
    if (name !== undefined && expires !== undefined) tallies[name].opened(expires <= Date.now());
  };
  /** The token source of each contender, by the contender's name. */
  const sourceFor =
    (name: Name): Source =>
    async () => {
      await pause(SOURCE_LATENCY_MS);
      const isDown = isIn(plan.sourceDown, now());
      tallies[name].called(isDown);
      if (isDown) throw new Error('the source is down');
      const token = await issuer.requestToken({ clientId: name, ttl: TTL_MS });
      owners.set(token.token, { name, expires: token.expires ?? Number.POSITIVE_INFINITY });
      return token;
    };
  sandbox.subscribe((happening) => {
    if (happening.type === 'request' || happening.clientId === null) return;
    tallies[happening.clientId as Name]?.happened(happening.type, happening.error?.code);
  });

  watchSdk(opened);
  const contenders = [
    latchkey(server, sourceFor('latchkey'), seededChance(seed), opened),
    latchkeyWithSdk(server, sourceFor('latchkey-ablyjs'), seededChance(seed)),
    ably(server, sourceFor('ably')),
  ];
  await last(plan, { sandbox, contenders, tallies, now, ms: seconds * 1_000 });
  await end(sandbox, contenders, tallies, graceMs);
  await sandbox.dispose();
  const share = (spells: Weather['sourceDown']) =>
    spells.reduce((sum, { from, to }) => sum + Math.min(to, seconds * 1_000) - from, 0) / (seconds * 1_000);
  return {
    seed,
    seconds,
    cuts: plan.cuts.length,
    sourceDownShare: share(plan.sourceDown),
    authLateShare: share(plan.authLate),
    authSilentShare: share(plan.authSilent),
    contenders: NAMES.map((name) => tallies[name].report),
  };
}

interface Field {
  readonly sandbox: Sandbox;
  readonly contenders: readonly Contender[];
  readonly tallies: Readonly<Record<Name, Tally>>;
  readonly now: () => number;
  readonly ms: number;
}

async function last(plan: Weather, { sandbox, contenders, tallies, now, ms }: Field): Promise<void> {
  const cuts = [...plan.cuts];
  const calls = [...plan.calls];
  const wasUp = new Set<string>();
  for (let before = now(); before < ms; ) {
    await pause(STEP_MS);
    const at = now();
    for (const { name, isConnected } of contenders) {
      if (isConnected) wasUp.add(name);
      else if (wasUp.has(name)) tallies[name].waited(Math.round(at - before));
    }
    before = at;
    sandbox.setFault(faultAt(plan, at));
    if (due(cuts, at)) sandbox.cutConnections();
    if (due(calls, at)) for (const one of contenders) void tallies[one.name].watch(one.authorize());
  }
}

/** The last call gets no answer, and the application closes the client. */
async function end(
  sandbox: Sandbox,
  contenders: readonly Contender[],
  tallies: Field['tallies'],
  graceMs: number,
): Promise<void> {
  sandbox.setFault({ auth: 'silence' });
  for (const one of contenders) void tallies[one.name].watch(one.authorize());
  await pause(500);
  for (const one of contenders) one.close();
  const open = () => contenders.some(({ name }) => tallies[name].unsettled > 0);
  for (let waited = 0; open() && waited < graceMs; waited += 100) await pause(100);
}

function faultAt({ authSilent, authLate }: Weather, at: number): FaultPlan | null {
  if (isIn(authSilent, at)) return { auth: 'silence' };
  return isIn(authLate, at) ? { realtimeDelayMs: LATE_MS } : null;
}

function due(moments: number[], at: number): boolean {
  const [next] = moments;
  if (next === undefined || next > at) return false;
  moments.shift();
  return true;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
