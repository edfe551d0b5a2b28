import { actionName } from '../frames.js';
import { upTo } from '../history.js';
import type { Entry, Frame } from '../messages.js';

/** The subject of a log entry. */
export type About = Extract<Entry, { readonly kind: 'told' }>['about'] | 'machine' | 'message';

export type LogEntry = Extract<Entry, { readonly kind: 'told' | 'step' }>;

/** A row of the log. */
export type Row = LogEntry | Frame;

export interface Filter {
  readonly abouts: ReadonlySet<About>;
  /** Only failures. */
  readonly onlyTrouble: boolean;
  /** A text in the title, the detail or the event; upper and lower case are equal. */
  readonly text: string;
}

/** How many rows are shown at first, and how many each click adds. */
export const PAGE = 100;

/** The log entries, filtered. A new entry is filtered once, not at each rendering. */
export class EventLog {
  filter: Filter = {
    abouts: new Set(['token', 'connection', 'hand', 'service', 'message']),
    onlyTrouble: false,
    text: '',
  };
  shown = PAGE;
  #all: LogEntry[] = [];
  #matching: LogEntry[] = [];

  show(entries: readonly Entry[]): void {
    this.#all = entries.filter((entry) => entry.kind !== 'view');
    this.#matching = this.#all.filter((entry) => this.#fits(entry));
  }

  add(entry: Entry): void {
    if (entry.kind === 'view') return;
    this.#all.push(entry);
    if (this.#fits(entry)) this.#matching.push(entry);
  }

  set(change: Partial<Filter>): void {
    this.filter = { ...this.filter, ...change };
    this.shown = PAGE;
    this.#matching = this.#all.filter((entry) => this.#fits(entry));
  }

  toggle(about: About): void {
    const abouts = new Set(this.filter.abouts);
    if (!abouts.delete(about)) abouts.add(about);
    this.set({ abouts });
  }

  /** The rows to show at entry `n`, the newest first, and the number of all matching entries. */
  rowsAt(
    n: number,
    frames: readonly Frame[] = [],
  ): { readonly rows: readonly Row[]; readonly count: number } {
    const fitting = upTo(this.#matching, n);
    const entries = this.#matching.slice(Math.max(0, fitting - this.shown), fitting);
    const passed = frames.filter((frame) => frame.after <= n && this.#shows(frame));
    const count = fitting + passed.length;
    const rows: Row[] = [];
    while (rows.length < this.shown && rows.length < count) {
      const [entry, frame] = [entries[entries.length - 1], passed[passed.length - 1]];
      // A message comes after the entry that it names.
      const isFrame = frame !== undefined && (entry === undefined || frame.after >= entry.n);
      const row = isFrame ? passed.pop() : entries.pop();
      if (row !== undefined) rows.push(row);
    }
    return { rows, count };
  }

  #shows({ action, isSent }: Frame): boolean {
    const { abouts, onlyTrouble, text } = this.filter;
    if (!abouts.has('message') || onlyTrouble) return false;
    const words = `${isSent ? 'sent' : 'received'} ${actionName(action)}`.toLowerCase();
    return text === '' || words.includes(text.toLowerCase());
  }

  #fits(entry: LogEntry): boolean {
    const { abouts, onlyTrouble, text } = this.filter;
    if (!abouts.has(aboutOf(entry))) return false;
    if (onlyTrouble && !(entry.kind === 'told' && entry.tone === 'bad')) return false;
    return text === '' || textOf(entry).toLowerCase().includes(text.toLowerCase());
  }
}

export function aboutOf(entry: LogEntry): About {
  return entry.kind === 'step' ? 'machine' : entry.about;
}

function textOf(entry: LogEntry): string {
  return entry.kind === 'step'
    ? `${entry.step.machine} ${entry.step.event} ${entry.step.edges.join(' ')}`
    : `${entry.title} ${entry.detail}`;
}
