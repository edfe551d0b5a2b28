import type { Entry } from './messages.js';

/** How many entries are kept, for how long, and how long their texts may be in all. */
const MOST = 10_000;
const LONGEST_MS = 24 * 3_600_000;
const MOST_LETTERS = 16 * 1024 * 1024;

/** More than that is kept for a while: removing the first entry of a long list each time would be slow. */
const SLACK = 1.2;

/**
 * The last entries of a session: bounded by their count, their age and their size. The first one is always the view
 * of its moment, so that every entry can be shown.
 */
export class KeptEntries {
  readonly #monotonic: () => number;
  #entries: Entry[] = [];
  /** When each entry was added, monotonic ms. */
  #addedAt: number[] = [];
  /** The length of each entry as JSON: any field may be long. */
  #lengths: number[] = [];
  #letters = 0;

  constructor(monotonic: () => number, entries: Iterable<Entry> = []) {
    this.#monotonic = monotonic;
    for (const entry of entries) this.add(entry);
  }

  get all(): readonly Entry[] {
    return this.#entries;
  }

  get last(): Entry | undefined {
    return this.#entries[this.#entries.length - 1];
  }

  /** @returns whether earlier entries were dropped */
  add(entry: Entry): boolean {
    const now = this.#monotonic();
    const length = lengthOf(entry);
    this.#entries.push(entry);
    this.#addedAt.push(now);
    this.#lengths.push(length);
    this.#letters += length;
    const oldest = this.#addedAt[0] ?? now;
    const isFull =
      this.#entries.length > MOST * SLACK ||
      this.#letters > MOST_LETTERS * SLACK ||
      now - oldest > LONGEST_MS * SLACK;
    return isFull && this.#cut(now);
  }

  #cut(now: number): boolean {
    let from = Math.max(0, this.#entries.length - MOST);
    while ((this.#addedAt[from] ?? now) < now - LONGEST_MS) from += 1;
    let letters = 0;
    for (let at = this.#entries.length - 1; at >= from; at -= 1) {
      letters += this.#lengths[at] ?? 0;
      if (letters > MOST_LETTERS && at < this.#entries.length - 1) from = at + 1;
    }
    if (from === 0) return false;
    this.#entries = withFirstView(this.#entries, from);
    this.#addedAt = this.#addedAt.slice(from);
    this.#lengths = this.#entries
      .slice(0, 1)
      .map(lengthOf)
      .concat(this.#lengths.slice(from + 1));
    this.#letters = this.#lengths.reduce((sum, length) => sum + length, 0);
    return true;
  }
}

/** The entries from one on. It becomes the view of that moment, and tells of the last trouble before it. */
function withFirstView(entries: readonly Entry[], from: number): Entry[] {
  const [first, ...others] = entries.slice(from);
  if (first === undefined) return [];
  const before = entries.slice(0, from + 1);
  const view = before.findLast((entry) => entry.kind === 'view');
  if (view === undefined) return [first, ...others];
  const told = before.findLast((entry) => entry.kind === 'told' && entry.trouble !== undefined);
  const earlier =
    told?.kind === 'told'
      ? { earlier: { at: told.at, about: told.about, title: told.title, trouble: told.trouble } }
      : {};
  return [{ ...view, ...earlier, n: first.n, at: first.at } as Entry, ...others];
}

const lengthOf = (entry: Entry): number => JSON.stringify(entry).length;
