import type { ConnectionState } from '../index.js';
import { type AuthValue, Era, type Span } from './era.js';
import type { Entry, PastTrouble, Session, Step, Told } from './messages.js';
import type { TokenLife } from './token-lives.js';

export type { AuthValue, Span } from './era.js';

type Of<Kind extends Entry['kind']> = Extract<Entry, { readonly kind: Kind }>;

/** How many of a machine's last steps the chart highlights. */
const TRACED = 3;

/** A clock that goes back by less has not been set, ms. */
const SET_BACK_MS = 1_000;

/** A recorded session, and what follows from it. Each entry's moment can be shown again. */
export class History {
  readonly session: Session;
  readonly entries: Entry[] = [];
  readonly told: Of<'told'>[] = [];
  readonly steps: Of<'step'>[] = [];
  readonly #views: Of<'view'>[] = [];
  readonly #eras: Era[] = [];
  readonly #troubles: (Of<'told'> & Told)[] = [];
  #earlier: PastTrouble | undefined;

  constructor(session: Session, entries: Iterable<Entry> = []) {
    this.session = session;
    for (const entry of entries) this.add(entry);
  }

  get auth(): readonly Span<AuthValue>[] {
    return this.#last?.auth ?? [];
  }

  get connection(): readonly Span<ConnectionState>[] {
    return this.#last?.connection ?? [];
  }

  get tokens(): readonly TokenLife[] {
    return this.#last?.tokens ?? [];
  }

  get firstAt(): number {
    return this.entries[0]?.at ?? 0;
  }

  get lastAt(): number {
    return this.entries[this.entries.length - 1]?.at ?? 0;
  }

  add(entry: Entry): void {
    if (this.#last === undefined || entry.at < this.#last.lastAt - SET_BACK_MS)
      this.#eras.push(new Era(entry));
    this.#last?.add(entry);
    this.entries.push(entry);
    switch (entry.kind) {
      case 'told':
        this.told.push(entry);
        if (entry.trouble !== undefined) this.#troubles.push(entry);
        break;
      case 'step':
        this.steps.push(entry);
        break;
      case 'view':
        this.#views.push(entry);
        this.#earlier ??= entry.earlier;
    }
  }

  /** The part of the session around entry `n` that has one timeline. undefined: there are no entries. */
  eraAt(n: number): Era | undefined {
    return this.#eras.findLast(({ firstN }) => firstN <= n) ?? this.#eras[0];
  }

  /** The state of the client when entry `n` was the newest. */
  viewAt(n: number): Of<'view'> | undefined {
    return this.#views[upTo(this.#views, n) - 1];
  }

  /** The last trouble at entry `n`. undefined: there was none. */
  troubleAt(n: number): PastTrouble | undefined {
    const told = this.#troubles[upTo(this.#troubles, n) - 1];
    return told?.trouble === undefined ? this.#earlier : { ...told, trouble: told.trouble };
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

  /** The number of the last entry at or before a moment. @param n an entry of the timeline on which it is */
  numberAt(at: number, n = Number.POSITIVE_INFINITY): number {
    const first = this.entries[0]?.n ?? 0;
    const { firstN = first, lastN = first } = this.eraAt(n) ?? {};
    let [low, high] = [firstN - first, lastN - first + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return this.entries[Math.max(firstN - first, low - 1)]?.n ?? 0;
  }

  entry(n: number): Entry | undefined {
    const first = this.entries[0]?.n ?? 0;
    return this.entries[n - first];
  }

  get #last(): Era | undefined {
    return this.#eras[this.#eras.length - 1];
  }
}

/** The number of entries at or before entry `n`. */
export function upTo(entries: readonly { readonly n: number }[], n: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.n ?? 0) <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}
