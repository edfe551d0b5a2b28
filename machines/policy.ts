/** When a token is renewed, and how failures are spaced. Times are ms, shares are of the lifetime. */
export interface RenewalPolicy {
  /** Who starts a renewal: the client ahead of time, the server when it asks, or nobody. */
  readonly by: 'client' | 'server' | 'nobody';
  /** Whether a token is renewed ahead of time only while it is in use. Default: false. */
  readonly onlyInUse?: boolean;
  /** The longest time ahead of death at which to renew. */
  readonly leadMs: number;
  /** The lead as a share of the life, where that is less. */
  readonly share: number;
  /** How far the renewals of many clients are spread, ahead of the lead. */
  readonly jitter: number;
  /**
   * How far they are spread the first time, when many clients may have begun together: of the time that
   * is left up to the lead, this share. Where less is left than lies behind the lead, of half of that.
   */
  readonly spread: number;
  readonly retry: {
    readonly baseMs: number;
    /** The longest wait between tries; undefined: by the lifetime, see `retryCapMs`. */
    readonly capMs: number | undefined;
  };
}

/** How tokens are renewed where nothing else is said. */
export const defaultRenewal: RenewalPolicy = {
  by: 'client',
  leadMs: 480_000,
  share: 0.125,
  jitter: 0.01,
  spread: 0.98,
  retry: { baseMs: 1_000, capMs: undefined },
};

/** However short a life, a try and one more should fit between the lead and its end, or a fifth of it. */
const ROOM_FOR_TRIES_MS = 12_000;

/** After trouble clients are spread by this part of the first time's spread. */
const AFTER_TROUBLE = 0.2;

/**
 * How a token came: as the client's first, after trouble (the one before was dead, or tries had
 * failed), or in its turn. Many clients may be in step at first, and again after trouble.
 */
export type Standing = 'first' | 'after trouble' | 'in turn';

/** When to do what with a token, in ms after it was received. `Infinity`: not known, so never by the clock. */
export interface Plan {
  readonly renewInMs: number;
  readonly diesInMs: number;
}

/**
 * Plans from lifetime, not from the wall clock, so a wrong local clock does no harm.
 *
 * @param lifetimeMs how long the token lives in all; undefined: not known
 * @param ageMs how old it already was when it was received
 * @param chance the client's own number in [0, 1), the same each time
 * @param standing the first time clients are spread wide, after trouble a fifth as wide
 */
export function planFor(
  lifetimeMs: number | undefined,
  ageMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Standing,
): Plan {
  const never = Number.POSITIVE_INFINITY;
  if (lifetimeMs === undefined) return { renewInMs: never, diesInMs: never };
  const diesInMs = Math.max(0, lifetimeMs - ageMs);
  if (policy.by !== 'client') return { renewInMs: never, diesInMs };
  const latest = lifetimeMs - leadOf(lifetimeMs, policy);
  const renewInMs =
    standing === 'first'
      ? Math.max(latest - ageMs, (policy.spread * diesInMs) / 2) * (1 - policy.spread * chance)
      : latest - aheadOf(latest, lifetimeMs, policy, chance, standing) - ageMs;
  return { renewInMs: whole(Math.min(diesInMs, Math.max(0, renewInMs))), diesInMs };
}

/** Timers know no less than a millisecond; long ones in whole seconds are cheap, for Node keeps a list for each length. */
const whole = (ms: number): number => (ms < 60_000 ? Math.floor(ms) : Math.floor(ms / 1_000) * 1_000);

function leadOf(lifetimeMs: number, { leadMs, share }: RenewalPolicy): number {
  const room = Math.min(ROOM_FOR_TRIES_MS, lifetimeMs / 5);
  return Math.min(leadMs, lifetimeMs / 2, Math.max(share * lifetimeMs, room));
}

/** A client's place in the wide spread and in the narrow one are two numbers, or the two would add up. */
function aheadOf(
  latest: number,
  lifetimeMs: number,
  policy: RenewalPolicy,
  chance: number,
  standing: Exclude<Standing, 'first'>,
): number {
  if (standing === 'after trouble') return AFTER_TROUBLE * policy.spread * latest * chance;
  const most = Math.max(0, latest - lifetimeMs / 2);
  return Math.min(policy.jitter * lifetimeMs * ((chance * 7_919) % 1), most);
}
