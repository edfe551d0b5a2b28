import type { ConnectionState } from '../index.js';
import type { Entry, View } from './messages.js';
import { type TokenLife, TokenLives } from './token-lives.js';

/** The period in which a value did not change. */
export interface Span<T> {
  readonly what: T;
  readonly from: number;
  /** null: until now. */
  to: number | null;
  /** When a try failed in this period. */
  readonly tries: number[];
}

/** A period in which nothing was seen. */
export interface Unseen {
  readonly from: number;
  readonly to: number;
}

export type AuthValue = View['decision']['value'];

/** A client that is a little late is not asleep, ms. */
const LATE_MS = 10_000;

/** Between the moments of so many entries a sleep is looked for. */
const RECENT = 50;

/** More tries in one period are not drawn. */
const MOST_TRIES = 500;

/** The part of a session in which the client's clock never went back: it can be drawn on one timeline. */
export class Era {
  /** The numbers of its first and last entries. */
  readonly firstN: number;
  lastN: number;
  readonly firstAt: number;
  lastAt: number;
  readonly auth: Span<AuthValue>[] = [];
  readonly connection: Span<ConnectionState>[] = [];
  readonly unseen: Unseen[] = [];
  readonly #lives = new TokenLives();
  #recent: number[] = [];
  #tries = { auth: 0, connection: 0 };

  constructor({ n, at }: Entry) {
    this.firstN = n;
    this.lastN = n;
    this.firstAt = at;
    this.lastAt = at;
  }

  get tokens(): readonly TokenLife[] {
    return this.#lives.all;
  }

  add(entry: Entry): void {
    const at = Math.max(this.lastAt, entry.at);
    if (entry.kind === 'told' && (entry.unseenMs ?? 0) > 0) this.#sleep(at, entry.unseenMs ?? 0);
    if (entry.kind === 'view') this.#look({ ...entry, at });
    this.lastN = entry.n;
    this.lastAt = at;
    this.#recent.push(at);
    if (this.#recent.length > 2 * RECENT) this.#recent = this.#recent.slice(-RECENT);
  }

  /** What is not seen from the last entry until now. A client that runs notices the expiry of its token. */
  silence(now: number, rate = 1): Unseen | undefined {
    const diedAt = this.tokens[this.tokens.length - 1]?.diesAt;
    const isInUse = /^(authorized|renewing)$/.test(this.auth[this.auth.length - 1]?.what ?? '');
    const isSilent =
      isInUse && diedAt != null && diedAt > this.lastAt && now > diedAt + LATE_MS * Math.max(1, rate);
    return isSilent ? { from: this.lastAt, to: now } : undefined;
  }

  #look(entry: Extract<Entry, { readonly kind: 'view' }>): void {
    const { at, view } = entry;
    const { decision, connection } = view;
    const silence = this.silence(at);
    if (silence !== undefined) this.#note(silence);
    this.#lives.take(entry);
    extend(this.auth, decision.value, at, isRetry);
    this.#tries.auth = count(this.auth, this.#tries.auth, decision.attempts, at);
    if (connection === null) return;
    extend(this.connection, connection.state, at, isReconnection);
    this.#tries.connection = count(this.connection, this.#tries.connection, connection.tries ?? 0, at);
  }

  /** The machine slept for `ms`, some time before now: in the longest time without an entry. */
  #sleep(at: number, ms: number): void {
    const times = [...this.#recent, at].filter((one) => one >= at - ms - LATE_MS * 2);
    const before = this.#recent[this.#recent.length - times.length] ?? this.firstAt;
    let longest = { from: before, to: times[0] ?? at };
    times.forEach((to, index) => {
      const from = times[index - 1] ?? before;
      if (to - from > longest.to - longest.from) longest = { from, to };
    });
    this.#note({ from: Math.max(longest.from, longest.to - ms), to: longest.to });
  }

  #note(unseen: Unseen): void {
    const last = this.unseen[this.unseen.length - 1];
    // Both ways to notice a sleep may find the same one.
    if (last !== undefined && unseen.from < last.to) return;
    if (unseen.to > unseen.from) this.unseen.push(unseen);
  }
}

/** Tries that follow a failure belong to it: they are ticks of one bar. */
const isRetry = (last: AuthValue, next: AuthValue): boolean => last === 'failed' && next === 'requesting';

/** A connection that is suspended passes through `disconnected` after each try. */
const isReconnection = (last: ConnectionState, next: ConnectionState): boolean =>
  (next === 'connecting' && (last === 'disconnected' || last === 'suspended')) ||
  (next === 'disconnected' && last === 'suspended');

function extend<T>(spans: Span<T>[], what: T, at: number, belongs: (last: T, next: T) => boolean): void {
  const last = spans[spans.length - 1];
  if (last !== undefined && (last.what === what || belongs(last.what, what))) return;
  if (last !== undefined) last.to = at;
  spans.push({ what, from: at, to: null, tries: [] });
}

/** Notes a failed try in the last period. @returns the new count */
function count(spans: readonly Span<unknown>[], before: number, now: number, at: number): number {
  const tries = spans[spans.length - 1]?.tries;
  if (now > before && tries !== undefined && tries.length < MOST_TRIES) tries.push(at);
  return now;
}
