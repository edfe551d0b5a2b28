import { seededChance } from '../../src/chance.js';
import type { TokenDetails } from '../../src/token/token-details.js';

/** How long a token lives, ms. */
export const LIFE_MS = 4_000;

/** The share of the calls in which the source fails. */
const FAILING = 0.2;

/** How long the source takes, ms. */
const SOURCE_MS = 30;

/** The mean time between two drops of a transport, and between two refusals of the current token, ms. */
const DROP_MS = 7_000;
const REFUSAL_MS = 11_000;

/**
 * A token is not refused sooner after its issue, ms. A server that refuses what the source has just issued is faulty: the
 * client asks more and more slowly, on purpose.
 */
const YOUNG_MS = 2_000;

/** At the end nothing breaks, so that each way can recover, ms. */
const CALM_MS = 6_000;

/** A subscription without a message for so long at the end is lost, ms. */
const SILENT_MS = 3_000;

/** How often a server sends a message to each subscription, ms. */
export const NEWS_MS = 100;

/** An authenticated connection, as its server sees it. */
export interface Live {
  /** Breaks the transport. */
  drop(): void;
  /** Refuses the token that the connection has, in the way of the stack, and closes. */
  refuse(): void;
}

/** The part of a server that knows which token a connection has. */
export interface Seat {
  /** The connection has another token now. */
  renew(token: string): void;
  /** The connection is over. */
  leave(): void;
}

export interface Figures {
  /** Expired, refused, empty and invented tokens that reached the server. */
  readonly deadTokens: number;
  readonly sourceCalls: number;
  /** How long no authenticated connection was up, ms. */
  readonly notConnectedMs: number;
  readonly subscriptions: number;
  /** Subscriptions that ended, or got no message any more. */
  readonly subscriptionsLost: number;
}

/** A subscription of the app. */
export class Subscription {
  readonly #now: () => number;
  #last: number;
  #isOver = false;

  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  received(): void {
    this.#last = this.#now();
  }

  /** It ended, and the app did not end it. */
  ended(): void {
    this.#isOver = true;
  }

  get isLost(): boolean {
    return this.#isOver || this.#now() - this.#last > SILENT_MS;
  }
}

/** How long a token still lives, ms. */
const leftOf = (token: string): number => Number(token.split('-')[2]) - Date.now();

/** One client with its source and its server, in weather that a seed decides. */
export class World {
  readonly #random: () => number;
  readonly #start = performance.now();
  readonly #lengthMs: number;
  readonly #seats = new Map<Live, { expiry: ReturnType<typeof setTimeout> | undefined; token: string }>();
  readonly #refused = new Set<string>();
  readonly #subscriptions: Subscription[] = [];
  readonly #weather: ReturnType<typeof setTimeout>[] = [];
  #deadTokens = 0;
  #sourceCalls = 0;
  #upMs = 0;
  #upSince: number | null = null;

  constructor(seed: number, lengthMs: number, saysWhy: boolean) {
    this.#random = seededChance(3 * seed);
    this.#lengthMs = lengthMs;
    this.#plan(seededChance(3 * seed + 1), DROP_MS, (live) => live.drop());
    if (!saysWhy) return;
    this.#plan(seededChance(3 * seed + 2), REFUSAL_MS, (live) => {
      const token = this.#seats.get(live)?.token ?? '';
      if (LIFE_MS - leftOf(token) < YOUNG_MS) return;
      this.#refused.add(token);
      live.refuse();
    });
  }

  /** The weather is over. A way may not be asked any more. */
  get isOver(): boolean {
    return this.#now() >= this.#lengthMs;
  }

  /** The source of tokens: the same for each way. */
  readonly fetchToken = async (): Promise<TokenDetails & { readonly expires: number }> => {
    this.#sourceCalls += 1;
    const number = this.#sourceCalls;
    const isFailing = this.#random() < FAILING && this.#isRough;
    await new Promise((resolve) => setTimeout(resolve, SOURCE_MS));
    if (isFailing) throw new Error('the source is down');
    const issued = Date.now();
    return { token: `token-${number}-${issued + LIFE_MS}`, issued, expires: issued + LIFE_MS };
  };

  /** The server's verdict about a token. */
  accepts(token: unknown): boolean {
    const expires = typeof token === 'string' && /^token-\d+-(\d+)$/.exec(token)?.[1];
    const isGood = expires && Number(expires) > Date.now() && !this.#refused.has(String(token));
    if (!isGood && !this.isOver) this.#deadTokens += 1;
    return Boolean(isGood);
  }

  /** The server accepted a connection with this token. When the token expires, the connection is refused. */
  admit(token: string, live: Live): Seat {
    const hold = (next: string) => {
      clearTimeout(this.#seats.get(live)?.expiry);
      this.#seats.set(live, { expiry: setTimeout(() => live.refuse(), leftOf(next)), token: next });
    };
    hold(token);
    this.#upSince ??= this.#now();
    return {
      renew: hold,
      leave: () => {
        clearTimeout(this.#seats.get(live)?.expiry);
        if (!this.#seats.delete(live) || this.#seats.size > 0) return;
        this.#upMs += this.#now() - (this.#upSince ?? 0);
        this.#upSince = null;
      },
    };
  }

  subscribe(): Subscription {
    const subscription = new Subscription(() => this.#now());
    this.#subscriptions.push(subscription);
    return subscription;
  }

  /** Waits for the end of the weather. */
  async over(): Promise<Figures> {
    await new Promise((resolve) => setTimeout(resolve, this.#lengthMs - this.#now()));
    const upMs = this.#upMs + (this.#upSince === null ? 0 : this.#now() - this.#upSince);
    for (const timer of this.#weather) clearTimeout(timer);
    return {
      deadTokens: this.#deadTokens,
      sourceCalls: this.#sourceCalls,
      notConnectedMs: Math.max(0, Math.round(this.#now() - upMs)),
      subscriptions: this.#subscriptions.length,
      subscriptionsLost: this.#subscriptions.filter(({ isLost }) => isLost).length,
    };
  }

  get #isRough(): boolean {
    return this.#now() < this.#lengthMs - CALM_MS;
  }

  #now(): number {
    return performance.now() - this.#start;
  }

  /** Strikes the newest connection at moments with this mean distance. */
  #plan(random: () => number, meanMs: number, strike: (live: Live) => void): void {
    for (let at = 1_000; ; ) {
      at += -Math.log(1 - random()) * meanMs;
      if (at > this.#lengthMs - CALM_MS) return;
      const hit = () => {
        const live = [...this.#seats.keys()].at(-1);
        if (live !== undefined) strike(live);
      };
      this.#weather.push(setTimeout(hit, at));
    }
  }
}
