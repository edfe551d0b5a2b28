import { seededChance } from '../../src/chance.js';
import { Auth, type TokenDetails } from '../../src/index.js';
import { Scenario } from '../../src/testing/scenario.js';
import { scriptedSource } from '../../src/testing/scripted-source.js';
import { GapWatch, type Stretch } from './gaps.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
const TTL = 10 * MINUTE;
const LATENCY = 120;

/** The events of the week, and the results of the client. Times are ms. */
export interface WeekReport {
  readonly seed: number;
  readonly outages: number;
  readonly offline: number;
  readonly sleeps: number;
  readonly clockJumps: number;
  readonly slowSpells: number;
  /** Time in which source and network were up and the device awake. */
  readonly reachable: number;
  readonly renewals: number;
  readonly sourceCalls: number;
  readonly successfulCalls: number;
  readonly failedCalls: number;
  /** Successful calls, relative to the reachable time divided by a token's lifetime. */
  readonly callsPerTtl: number;
  readonly failuresPer10sOfOutage: number;
  /** Tokens that expired without a replacement although source and network were up. */
  readonly missed: number;
  /** Without a usable token, from the return of the source or the network on. */
  readonly afterOutage: Stretch;
  /**
   * Without a usable token, from waking on, if the platform reports the wake-up, as a page does, and if it
   * does not.
   */
  readonly afterToldSleep: Stretch;
  readonly afterUntoldSleep: Stretch;
  /** Without a usable token after a clock jump, or without a fault. */
  readonly otherwise: Stretch;
  readonly asked: number;
  readonly unsettled: number;
}

/** Runs one client through a week, or less, with many failures, on a virtual clock. */
export async function week(seed: number, lengthMs = WEEK): Promise<WeekReport> {
  const random = seededChance(seed);
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const device = new Scenario();
  const { clock } = device;
  const source = scriptedSource(clock, { ttl: TTL, latency: LATENCY });
  let slowness = 0;
  const auth = new Auth({
    ...device.options,
    random,
    // Failures are counted here.
    logLevel: 'none',
    authCallback: async (_params, answer) => {
      if (slowness > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, slowness));
      return (await source.authCallback(_params, answer)) as TokenDetails;
    },
  });
  let slept = 0;
  const watch = new GapWatch(() => clock.monotonic() + slept);
  const count = { outages: 0, offline: 0, sleeps: 0, clockJumps: 0, slowSpells: 0, renewals: 0 };
  let reachable = 0;
  let down = 0;
  let asked = 0;
  let settled = 0;
  auth.on('authorized', () => watch.tokenCame(TTL));
  auth.on('renewed', () => {
    count.renewals += 1;
    watch.tokenCame(TTL);
  });
  auth.on('expired', () => watch.tokenWent());

  const ask = () => {
    asked += 1;
    const over = () => (settled += 1);
    auth.getToken().then(over, over);
  };
  /** Lets this time pass, and requests a token now and then. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= MINUTE) {
      await clock.advance(Math.min(MINUTE, left));
      ask();
    }
  };
  const up = async (ms: number) => {
    await pass(ms);
    reachable += ms;
  };
  const unreachable = async (ms: number) => {
    await pass(ms);
    down += ms;
  };

  const outage = async (ms: number) => {
    count.outages += 1;
    watch.faultBegins('outage');
    source.goDown(new Error('503'));
    await unreachable(ms);
    source.comeUp();
    watch.faultEnds();
  };
  const offline = async (ms: number) => {
    count.offline += 1;
    watch.faultBegins('offline');
    device.goOffline();
    source.goDown(new TypeError('fetch failed'));
    await unreachable(ms);
    source.comeUp();
    watch.faultEnds();
    await device.goOnline();
  };
  const sleep = async (ms: number) => {
    count.sleeps += 1;
    const isTold = random() < 0.5;
    watch.faultBegins(isTold ? 'sleep the platform tells of' : 'sleep nothing tells of');
    slept += ms;
    watch.faultEnds();
    await device.sleepFor(ms, isTold);
  };
  const jump = async () => {
    count.clockJumps += 1;
    watch.faultBegins('clock jump');
    device.skewBy(between(-12 * HOUR, 12 * HOUR));
    watch.faultEnds();
  };
  const slow = async (ms: number) => {
    count.slowSpells += 1;
    slowness = between(2 * SECOND, 8 * SECOND);
    await up(ms);
    slowness = 0;
  };

  ask();
  while (clock.monotonic() + slept < lengthMs) {
    await up(between(10 * MINUTE, 4 * HOUR));
    const kind = random();
    if (kind < 0.2) await outage(between(MINUTE, 10 * MINUTE));
    else if (kind < 0.3) await outage(between(30 * MINUTE, 3 * HOUR));
    else if (kind < 0.5) await offline(between(MINUTE, HOUR));
    else if (kind < 0.75) await sleep(between(MINUTE, 8 * HOUR));
    else if (kind < 0.9) await slow(between(10 * MINUTE, HOUR));
    else await jump();
  }
  await up(MINUTE);
  auth.dispose();
  await clock.advance(0);
  const failedCalls = source.calls - source.given - source.aborted;
  return {
    seed,
    outages: count.outages,
    offline: count.offline,
    sleeps: count.sleeps,
    clockJumps: count.clockJumps,
    slowSpells: count.slowSpells,
    reachable,
    renewals: count.renewals,
    sourceCalls: source.calls,
    successfulCalls: source.given,
    failedCalls,
    callsPerTtl: source.given / (reachable / TTL),
    failuresPer10sOfOutage: failedCalls / (down / (10 * SECOND)),
    missed: watch.missed,
    afterOutage: watch.of('outage', 'offline'),
    afterToldSleep: watch.of('sleep the platform tells of'),
    afterUntoldSleep: watch.of('sleep nothing tells of'),
    otherwise: watch.of('clock jump', 'nothing'),
    asked,
    unsettled: asked - settled,
  };
}
