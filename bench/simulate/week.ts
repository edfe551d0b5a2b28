import { Auth } from '../../src/index.js';
import { Scenario } from '../../src/testing/scenario.js';
import { scriptedSource } from '../../src/testing/scripted-source.js';
import { seeded } from './random.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
const TTL = 10 * MINUTE;

/** What the week held, and how the client came through. Times are ms. */
export interface WeekReport {
  readonly seed: number;
  readonly renewals: number;
  readonly sourceCalls: number;
  readonly successfulCalls: number;
  readonly failedCalls: number;
  readonly outages: number;
  readonly sleeps: number;
  readonly clockJumps: number;
  /** While source and network were up and the device awake. */
  readonly reachable: number;
  /** Times the client had no usable token while it could have had one, from when it could. */
  readonly gaps: { readonly count: number; readonly longest: number; readonly median: number };
  readonly callsPerTtl: number;
  readonly failuresPerOutage10s: number;
  readonly unsettled: number;
}

/** One client through a week in which much goes wrong, on a virtual clock. */
export async function week(seed: number): Promise<WeekReport> {
  const random = seeded(seed);
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const device = new Scenario();
  const { clock } = device;
  const source = scriptedSource(clock, { ttl: TTL, latency: 120 });
  const auth = new Auth({ ...device.options, authCallback: source.authCallback, random });
  let renewals = 0;
  auth.on('renewed', () => (renewals += 1));

  let unsettled = 0;
  const ask = () => {
    unsettled += 1;
    const over = () => (unsettled -= 1);
    auth.getToken().then(over, over);
  };
  const count = { outages: 0, sleeps: 0, clockJumps: 0, reachable: 0, down: 0 };
  const gaps: number[] = [];
  let couldSince: number | null = null;

  /** Lets so much time pass, looking every second whether there is a token, and asking for one now and then. */
  const pass = async (ms: number, isReachable: boolean) => {
    for (let left = ms; left > 0; left -= SECOND) {
      await clock.advance(Math.min(SECOND, left));
      if (isReachable) count.reachable += SECOND;
      else count.down += SECOND;
      if (random() < 1 / 60) ask();
      note(isReachable);
    }
  };
  const note = (isReachable: boolean) => {
    const hasToken = auth.tokenDetails !== null;
    if (couldSince === null && !hasToken && isReachable) couldSince = clock.monotonic();
    if (couldSince !== null && (hasToken || !isReachable)) {
      if (hasToken) gaps.push(clock.monotonic() - couldSince);
      couldSince = null;
    }
  };

  const outage = async (ms: number) => {
    count.outages += 1;
    source.goDown(new Error('503'));
    await pass(ms, false);
    source.comeUp();
    note(true);
  };
  const offline = async (ms: number) => {
    count.outages += 1;
    device.goOffline();
    source.goDown(new TypeError('fetch failed'));
    await pass(ms, false);
    source.comeUp();
    note(true);
    await device.goOnline();
  };
  const sleep = async (ms: number) => {
    count.sleeps += 1;
    await device.sleepFor(ms, random() < 0.5);
    elapsed += ms;
    note(true);
  };
  const jump = async () => {
    count.clockJumps += 1;
    device.skewBy(between(-12 * HOUR, 12 * HOUR));
  };

  let elapsed = 0;
  ask();
  while (clock.monotonic() + elapsed < WEEK) {
    await pass(between(5 * MINUTE, 90 * MINUTE), true);
    const kind = random();
    if (kind < 0.25) await outage(between(MINUTE, 10 * MINUTE));
    else if (kind < 0.32) await outage(between(30 * MINUTE, 3 * HOUR));
    else if (kind < 0.55) await offline(between(MINUTE, HOUR));
    else if (kind < 0.8) await sleep(between(MINUTE, 8 * HOUR));
    else await jump();
  }
  await pass(MINUTE, true);
  auth.dispose();
  await clock.advance(0);
  gaps.sort((a, b) => a - b);
  const failedCalls = source.calls - source.given - source.aborted;
  return {
    seed,
    renewals,
    sourceCalls: source.calls,
    successfulCalls: source.given,
    failedCalls,
    outages: count.outages,
    sleeps: count.sleeps,
    clockJumps: count.clockJumps,
    reachable: count.reachable,
    gaps: { count: gaps.length, longest: gaps.at(-1) ?? 0, median: gaps[Math.floor(gaps.length / 2)] ?? 0 },
    callsPerTtl: source.given / (count.reachable / TTL),
    failuresPerOutage10s: failedCalls / (count.down / (10 * SECOND)),
    unsettled,
  };
}
