import { defaultRenewal, planFor, type RenewalPolicy, type Standing } from '../../machines/policy.js';
import { retryDelayMs } from '../../machines/retry.js';
import { seededChance } from '../../src/chance.js';

const CLIENTS = 1_000_000;
const HOURS = 6;
const SECONDS = HOURS * 3_600;
const TTL_MS = 3_600_000;

/** An outage begins five minutes before clients with a fixed lead renew. */
const OUTAGE_FROM = 3 * 3_600 - 300;

export interface HerdSetting {
  readonly policy?: RenewalPolicy;
  /** How long the source is down, minutes. Default: 0. */
  readonly outageMinutes?: number;
  /** Whether each client has its own place in the spread. Default: true. */
  readonly isSpread?: boolean;
  /** Default: a million. */
  readonly clients?: number;
}

/** What an outage did. Ratios are relative to the mean rate before it; a peak is the highest mean of ten seconds. */
export interface OutageReport {
  readonly minutes: number;
  /** Requests that failed: their rate over the outage, and its peak. */
  readonly inVain: number;
  readonly inVainPeak: number;
  /** The peak in the hour after the outage, and in the hours after that. */
  readonly peak: number;
  readonly laterPeak: number;
  /** Clients whose token expired, and how long after the return of the source they got the next one, s. */
  readonly without: number;
  readonly medianWait: number;
  readonly longestWait: number;
}

export interface HerdReport {
  readonly name: string;
  readonly clients: number;
  /** For each hour: requests a second, the mean and the highest mean of ten seconds. */
  readonly hours: readonly { readonly mean: number; readonly peak: number; readonly ratio: number }[];
  /** Successful calls, relative to the fewest that keep every client supplied with tokens: one for each life. */
  readonly cost: number;
  readonly outage: OutageReport | null;
}

/** Clients whose tokens were issued in the same second, with the plan of the product. */
export function herd(name: string, setting: HerdSetting = {}): HerdReport {
  const { policy = defaultRenewal, outageMinutes = 0, isSpread = true, clients = CLIENTS } = setting;
  const outage = { from: OUTAGE_FROM, to: OUTAGE_FROM + outageMinutes * 60 };
  const random = seededChance(7);
  const requests = new Uint32Array(SECONDS);
  const next = new Int32Array(clients).fill(-1);
  const first = new Int32Array(SECONDS + 1).fill(-1);
  const seeds = new Float32Array(clients);
  const attempts = new Uint8Array(clients);
  const diesAt = new Float32Array(clients);
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

  for (let client = 0; client < clients; client += 1) {
    seeds[client] = random();
    plan(client, 0, 'first');
  }
  for (let second = 0; second < SECONDS; second += 1) {
    let client = first[second] ?? -1;
    while (client >= 0) {
      const following = next[client] ?? -1;
      const leftMs = Math.max(0, (diesAt[client] ?? 0) - second) * 1_000;
      requests[second] = (requests[second] ?? 0) + 1;
      if (second >= outage.from && second < outage.to) {
        attempts[client] = Math.min(200, (attempts[client] ?? 0) + 1);
        const setback = {
          attempts: attempts[client] ?? 1,
          remainingMs: leftMs,
          lifetimeMs: TTL_MS,
          retryAfterMs: undefined,
        };
        const wait = retryDelayMs(setback, policy, random());
        schedule(client, Math.max(second + 1, second + wait / 1_000));
      } else {
        successes += 1;
        if (outageMinutes > 0 && second >= outage.to && leftMs === 0)
          waits.push(second - Math.max(outage.to, diesAt[client] ?? 0));
        plan(client, second, attempts[client] === 0 && leftMs > 0 ? 'in turn' : 'after trouble');
        attempts[client] = 0;
      }
      client = following;
    }
  }
  const hours = Array.from({ length: HOURS }, (_, hour) =>
    rates(requests.subarray(hour * 3_600, (hour + 1) * 3_600)),
  );
  return {
    name,
    clients,
    hours,
    cost: successes / ((clients * SECONDS) / (TTL_MS / 1_000)),
    outage:
      outageMinutes > 0
        ? outageReport(requests, outage, meanOf(requests.subarray(3_600, 7_200)), waits)
        : null,
  };
}

const meanOf = (requests: Uint32Array) => requests.reduce((sum, one) => sum + one, 0) / requests.length;

function rates(requests: Uint32Array): HerdReport['hours'][number] {
  const [mean, peak] = [meanOf(requests), peakOf(requests)];
  return { mean, peak, ratio: peak / mean };
}

function outageReport(
  requests: Uint32Array,
  { from, to }: { readonly from: number; readonly to: number },
  mean: number,
  waits: number[],
): OutageReport {
  waits.sort((a, b) => a - b);
  const during = requests.subarray(from, to);
  return {
    minutes: (to - from) / 60,
    inVain: meanOf(during) / mean,
    inVainPeak: peakOf(during) / mean,
    peak: peakOf(requests.subarray(to, to + 3_600)) / mean,
    laterPeak: peakOf(requests.subarray(to + 3_600)) / mean,
    without: waits.length,
    medianWait: waits[Math.floor(waits.length / 2)] ?? 0,
    longestWait: waits.at(-1) ?? 0,
  };
}

/** The highest mean of ten seconds. */
function peakOf(requests: Uint32Array): number {
  let peak = 0;
  for (let from = 0; from + 10 <= requests.length; from += 10)
    peak = Math.max(peak, meanOf(requests.subarray(from, from + 10)));
  return peak;
}

/** The default plan, the same plan without spread, and the fixed lead of 30 s that other clients have. */
export function herds(): HerdReport[] {
  const policy: RenewalPolicy = { ...defaultRenewal, leadMs: 30_000, jitter: 0, spread: 0 };
  return [
    herd('default'),
    herd('default, 10 min outage', { outageMinutes: 10 }),
    herd('default, 30 min outage', { outageMinutes: 30 }),
    herd('without spread', { isSpread: false }),
    herd('fixed lead of 30 s', { policy, isSpread: false }),
    herd('fixed lead of 30 s, 10 min outage', { policy, isSpread: false, outageMinutes: 10 }),
  ];
}

/** One plan in an outage of 30 minutes. */
export interface CurvePoint extends Pick<OutageReport, 'without' | 'inVain' | 'peak' | 'medianWait'> {
  readonly leadMinutes: number;
  /** The longest wait between tries. */
  readonly capMinutes: number;
  readonly cost: number;
}

/** The peak after an outage of 30 minutes against the median wait of the clients without a token, plan by plan. */
export function curve(clients = CLIENTS / 5): CurvePoint[] {
  const lifeMinutes = TTL_MS / 60_000;
  return [1 / 8, 1 / 5, 1 / 4, 1 / 3].flatMap((share) =>
    [2.75, 5.5, 11, 22].map((capMinutes) => {
      const retry = { ...defaultRenewal.retry, capMs: capMinutes * 60_000 };
      const policy = { ...defaultRenewal, share, leadMs: share * TTL_MS, retry };
      const { cost, outage } = herd('', { policy, outageMinutes: 30, clients });
      const { inVain, peak, medianWait, without } = outage as OutageReport;
      const leadMinutes = share * lifeMinutes;
      const perMillion = (without * CLIENTS) / clients;
      return { leadMinutes, capMinutes, cost, without: perMillion, inVain, peak, medianWait };
    }),
  );
}
