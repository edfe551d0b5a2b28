/** When tokens are renewed and failed tries are repeated. Times are ms. Shares are of the lifetime. */
export interface RenewalPolicy {
  /** What starts a renewal: the client ahead of time, the server when it asks, or nothing. */
  readonly by: 'client' | 'server' | 'nobody';
  /** Whether a token is renewed ahead of time only while it is in use. Default: false. */
  readonly onlyInUse?: boolean;
  /** The longest time before the expiry at which a token is renewed. */
  readonly leadMs: number;
  /** The same as a share of the lifetime. The shorter of the two times is used. */
  readonly share: number;
  /** How far the renewals of many clients are spread before that moment. */
  readonly jitter: number;
  /**
   * How far the first renewals of many clients are spread, because many clients may have started together: this
   * share of the time until the renewal is due. For an old token that time may be short or over. Then half of the
   * token's remaining life is spread instead.
   */
  readonly spread: number;
  readonly retry: {
    readonly baseMs: number;
    /** The longest wait between tries. undefined: it depends on the lifetime, see `retryCapMs`. */
    readonly capMs: number | undefined;
  };
}

/** The default for the renewal of tokens. */
export const defaultRenewal: RenewalPolicy = {
  by: 'client',
  leadMs: 720_000,
  share: 0.2,
  jitter: 0.01,
  spread: 0.98,
  retry: { baseMs: 1_000, capMs: undefined },
};

/**
 * Between a renewal and the expiry a try and a second one should fit in, or a fifth of the lifetime, however short
 * it is.
 */
const ROOM_FOR_TRIES_MS = 12_000;

/** After failures the spread is this part of the first spread. */
const AFTER_TROUBLE = 1 / 3;

/**
 * How a client got its token: as its first one, after trouble (the token before had expired, or tries had failed),
 * or in turn. Many clients may do the same at once at first, and after trouble.
 */
export type Standing = 'first' | 'after trouble' | 'in turn';

/**
 * When to renew a token and when it expires, in ms after its receipt. `Infinity`: not known, so never by the
 * clock.
 */
export interface Plan {
  readonly renewInMs: number;
  readonly diesInMs: number;
}

/**
 * Plans from lifetime, not from the wall clock, so a wrong local clock does no harm.
 *
 * @param lifetimeMs how long the token lives in all; undefined: not known
 * @param ageMs how old it already was when it was received; below zero: it may live longer than its lifetime says
 * @param chance the client's own number in [0, 1), the same each time
 * @param standing the first time clients are spread wide, after trouble a third as wide
 */
export function planFor(
  lifetimeMs: number | undefined,
  ageMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Standing,
): Plan {
  const never = Number.POSITIVE_INFINITY;
  if (lifetimeMs === undefined || lifetimeMs === never) return { renewInMs: never, diesInMs: never };
  const diesInMs = Math.max(0, lifetimeMs - ageMs);
  if (policy.by !== 'client') return { renewInMs: never, diesInMs };
  const latest = lifetimeMs - leadOf(lifetimeMs, policy);
  const renewInMs =
    standing === 'first'
      ? Math.max(latest - ageMs, (policy.spread * diesInMs) / 2) * (1 - policy.spread * chance)
      : Math.max(
          latest - aheadOf(latest, lifetimeMs, policy, chance, standing) - ageMs,
          // A source that gives old tokens, each another one, is not asked without a pause.
          ageMs > 0 ? diesInMs / 2 : 0,
        );
  return { renewInMs: whole(Math.min(diesInMs, Math.max(0, renewInMs))), diesInMs };
}

/**
 * The shortest time of a timer is 1 ms. Long times are whole seconds, because Node keeps a list for each length.
 */
const whole = (ms: number): number => (ms < 60_000 ? Math.floor(ms) : Math.floor(ms / 1_000) * 1_000);

function leadOf(lifetimeMs: number, { leadMs, share }: RenewalPolicy): number {
  const room = Math.min(ROOM_FOR_TRIES_MS, lifetimeMs / 5);
  return Math.min(leadMs, lifetimeMs / 2, Math.max(share * lifetimeMs, room));
}

/** The second number of a client. */
export const otherChance = (chance: number): number => (chance * 7_919) % 1;

/**
 * A client has one number for the first spread and another for later ones. With one number both would add up, and the
 * clients that meet an outage, which are neighbours in the first spread, would stay neighbours.
 */
function aheadOf(
  latest: number,
  lifetimeMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Exclude<Standing, 'first'>,
): number {
  const other = otherChance(chance);
  if (standing === 'after trouble') return AFTER_TROUBLE * policy.spread * latest * other;
  const most = Math.max(0, latest - lifetimeMs / 2);
  return Math.min(policy.jitter * lifetimeMs * other, most);
}
