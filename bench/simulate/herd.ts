import { defaultRenewal, planFor, type RenewalPolicy, type Standing } from '../../machines/policy.js';
import { retryDelayMs } from '../../machines/retry.js';
import { seeded } from './random.js';

const CLIENTS = 1_000_000;
const HOURS = 6;
const SECONDS = HOURS * 3_600;
const TTL_MS = 3_600_000;
/** Ten minutes, around the time at which clients with a fixed lead renew. */
const OUTAGE = { from: 3 * 3_600 - 300, to: 3 * 3_600 + 300 };

export interface HerdReport {
  readonly name: string;
  /** For each hour: requests a second, the mean and the highest mean of ten seconds. */
  readonly hours: readonly { readonly mean: number; readonly peak: number; readonly ratio: number }[];
  /** Successful calls, relative to the fewest that keep every client supplied with tokens. */
  readonly cost: number;
  /**
   * In the hour after the outage: the highest mean of ten seconds, relative to the mean before, and the
   * clients that had to wait.
   */
  readonly afterOutage: {
    readonly peak: number;
    readonly ratio: number;
    /** Clients whose token expired, and how long after the return of the source they got the next one, s. */
    readonly without: number;
    readonly medianWait: number;
    readonly longestWait: number;
  } | null;
}

/** A million clients whose tokens were issued in the same second, with the plan of the product. */
export function herd(
  name: string,
  policy: RenewalPolicy,
  withOutage: boolean,
  isSpread: boolean,
): HerdReport {
  const random = seeded(7);
  const requests = new Uint32Array(SECONDS);
  const next = new Int32Array(CLIENTS).fill(-1);
  const first = new Int32Array(SECONDS + 1).fill(-1);
  const seeds = new Float32Array(CLIENTS);
  const attempts = new Uint8Array(CLIENTS);
  const diesAt = new Float32Array(CLIENTS);
  const waits: number[] = [];
  let successes = 0;

  const schedule = (client: number, second: number) => {
    const at = Math.min(SECONDS, Math.max(0, Math.floor(second)));
    next[client] = first[at] ?? -1;
    first[at] = client;
  };
  const plan = (client: number, now: number, standing: Standing) => {
    const seed = isSpread ? (seeds[client] ?? 0) : 0;
    const { renewInMs } = planFor(TTL_MS, 0, policy, seed, standing);
    diesAt[client] = now + TTL_MS / 1_000;
    schedule(client, now + renewInMs / 1_000);
  };

  for (let client = 0; client < CLIENTS; client += 1) {
    seeds[client] = random();
    plan(client, 0, 'first');
  }
  for (let second = 0; second < SECONDS; second += 1) {
    let client = first[second] ?? -1;
    while (client >= 0) {
      const following = next[client] ?? -1;
      requests[second] = (requests[second] ?? 0) + 1;
      if (withOutage && second >= OUTAGE.from && second < OUTAGE.to) {
        attempts[client] = Math.min(200, (attempts[client] ?? 0) + 1);
        const setback = {
          attempts: attempts[client] ?? 1,
          remainingMs: Math.max(0, (diesAt[client] ?? 0) - second) * 1_000,
          lifetimeMs: TTL_MS,
          retryAfterMs: undefined,
        };
        const wait = retryDelayMs(setback, policy, random());
        schedule(client, Math.max(second + 1, second + wait / 1_000));
      } else {
        successes += 1;
        if (withOutage && second >= OUTAGE.to && (diesAt[client] ?? 0) <= second) {
          waits.push(second - Math.max(OUTAGE.to, diesAt[client] ?? 0));
        }
        plan(
          client,
          second,
          attempts[client] === 0 && second < (diesAt[client] ?? 0) ? 'in turn' : 'after trouble',
        );
        attempts[client] = 0;
      }
      client = following;
    }
  }
  const fewest = (CLIENTS * SECONDS) / (TTL_MS / 1_000);
  const hours = Array.from({ length: HOURS }, (_, hour) =>
    rates(requests.subarray(hour * 3_600, (hour + 1) * 3_600)),
  );
  return {
    name,
    hours,
    cost: successes / fewest,
    afterOutage: withOutage ? afterOutage(requests, hours[1]?.mean ?? 1, waits) : null,
  };
}

function rates(requests: Uint32Array): { mean: number; peak: number; ratio: number } {
  const mean = requests.reduce((sum, one) => sum + one, 0) / requests.length;
  const peak = peakOf(requests);
  return { mean, peak, ratio: peak / mean };
}

function afterOutage(
  requests: Uint32Array,
  mean: number,
  waits: number[],
): NonNullable<HerdReport['afterOutage']> {
  const peak = peakOf(requests.subarray(OUTAGE.to, OUTAGE.to + 3_600));
  waits.sort((a, b) => a - b);
  return {
    peak,
    ratio: peak / mean,
    without: waits.length,
    medianWait: waits[Math.floor(waits.length / 2)] ?? 0,
    longestWait: waits.at(-1) ?? 0,
  };
}

/** The highest mean of ten seconds. */
function peakOf(requests: Uint32Array): number {
  let peak = 0;
  for (let from = 0; from + 10 <= requests.length; from += 10) {
    const sum = requests.subarray(from, from + 10).reduce((all, one) => all + one, 0);
    peak = Math.max(peak, sum / 10);
  }
  return peak;
}

/** The default plan, the same plan without spread, and the fixed lead of 30 s that other clients have. */
export function herds(): HerdReport[] {
  const fixed: RenewalPolicy = { ...defaultRenewal, leadMs: 30_000, jitter: 0, spread: 0 };
  return [
    herd('default', defaultRenewal, false, true),
    herd('default, 10 min outage', defaultRenewal, true, true),
    herd('without spread', defaultRenewal, false, false),
    herd('fixed lead of 30 s', fixed, false, false),
    herd('fixed lead of 30 s, 10 min outage', fixed, true, false),
  ];
}
