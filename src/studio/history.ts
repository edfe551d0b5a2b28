import type { ConnectionState } from '../index.js';
import type { Entry, Session, Step, View } from './messages.js';
import { type TokenLife, TokenLives } from './token-lives.js';

type Of<Kind extends Entry['kind']> = Extract<Entry, { readonly kind: Kind }>;

/** The period in which a value did not change. */
export interface Span<T> {
  readonly what: T;
  readonly from: number;
  /** null: until now. */
  to: number | null;
}

export type AuthValue = View['decision']['value'];

/** How many of a machine's last steps the chart highlights. */
const TRACED = 3;

/** A recorded session, and what follows from it. Each entry's moment can be shown again. */
export class History {
  readonly session: Session;
  readonly entries: Entry[] = [];
  readonly told: Of<'told'>[] = [];
  readonly steps: Of<'step'>[] = [];
  readonly #views: Of<'view'>[] = [];
  readonly #lives = new TokenLives();
  readonly auth: Span<AuthValue>[] = [];
  readonly connection: Span<ConnectionState>[] = [];

  constructor(session: Session, entries: Iterable<Entry> = []) {
    this.session = session;
    for (const entry of entries) this.add(entry);
  }

  get tokens(): readonly TokenLife[] {
    return this.#lives.all;
  }

  get firstAt(): number {
    return this.entries[0]?.at ?? 0;
  }

  get lastAt(): number {
    return this.entries.at(-1)?.at ?? 0;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
    switch (entry.kind) {
      case 'told':
        this.told.push(entry);
        break;
      case 'step':
        this.steps.push(entry);
        break;
      case 'view':
        this.#views.push(entry);
        this.#lives.take(entry);
        extend(this.auth, entry.view.decision.value, entry.at);
        if (entry.view.connection !== null) extend(this.connection, entry.view.connection.state, entry.at);
    }
  }

  /** The state of the client when entry `n` was the newest. */
  viewAt(n: number): Of<'view'> | undefined {
    return this.#views[upTo(this.#views, n) - 1];
  }

  /** A machine's last steps along its chart at entry `n`, the newest first. */
  stepsAt(n: number, machine: string): Step[] {
    const found: Step[] = [];
    for (let index = upTo(this.steps, n) - 1; index >= 0 && found.length < TRACED; index -= 1) {
      const step = this.steps[index]?.step;
      if (step?.machine === machine && step.edges.length > 0) found.push(step);
    }
    return found;
  }

  /** The number of the last entry at or before a moment. */
  numberAt(at: number): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return this.entries[Math.max(0, low - 1)]?.n ?? 0;
  }

  entry(n: number): Entry | undefined {
    const first = this.entries[0]?.n ?? 0;
    return this.entries[n - first];
  }
}

/** The number of entries at or before entry `n`. */
export function upTo(entries: readonly Entry[], n: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.n ?? 0) <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}

function extend<T>(spans: Span<T>[], what: T, at: number): void {
  const last = spans.at(-1);
  if (last?.what === what) return;
  if (last !== undefined) last.to = at;
  spans.push({ what, from: at, to: null });
}
