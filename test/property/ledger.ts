/** What a test knows of the tokens it issued, independent of the client. */
interface Entry {
  readonly givenAt: number;
  /** ms; undefined: the client does not know it either. */
  readonly life: number | undefined;
  readonly terms: string;
  /** How much sleep the client had noticed when the token was issued. */
  readonly sleptBefore: number;
}

/** The issued tokens, and their age as far as the client can know it. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #monotonic: () => number;
  #slept = 0;
  #unsureUntil = 0;
  #settledAt = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  give(token: string, life: number | undefined, terms: string): void {
    this.#entries.set(token, { givenAt: this.#monotonic(), life, terms, sleptBefore: this.#slept });
  }

  /** Issues the same token again, for another request. */
  giveAgain(token: string, terms: string): void {
    const entry = this.#entries.get(token);
    if (entry !== undefined) this.#entries.set(token, { ...entry, terms });
  }

  /** The device slept, and the platform reported it. */
  sleep(ms: number): void {
    if (this.#monotonic() >= this.#unsureUntil) this.#slept += ms;
  }

  /** The wall clock jumped forward, by sleep or by hand: the client may notice it within the next moments. */
  jump(): void {
    this.#settledAt = this.#monotonic() + UNSURE_MS;
  }

  /** Whether the client has noticed everything. */
  get isSettled(): boolean {
    return this.#monotonic() >= this.#settledAt;
  }

  /** The wall clock was set: for the next moments it is unknown which part of a jump is sleep. */
  skew(): void {
    this.#unsureUntil = this.#monotonic() + UNSURE_MS;
  }

  isKnown(token: string): boolean {
    return this.#entries.has(token);
  }

  termsOf(token: string): string | undefined {
    return this.#entries.get(token)?.terms;
  }

  lifeOf(token: string): number | undefined {
    return this.#entries.get(token)?.life;
  }

  isDead(token: string): boolean {
    const entry = this.#entries.get(token);
    if (entry?.life === undefined) return false;
    return this.#monotonic() - entry.givenAt + this.#slept - entry.sleptBefore >= entry.life;
  }
}

/** Clients compare their clocks at least this often. */
const UNSURE_MS = 6_000;
