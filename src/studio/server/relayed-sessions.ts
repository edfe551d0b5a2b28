import { lastFrames } from '../frames.js';
import { KeptEntries } from '../kept-entries.js';
import { leastTelling } from '../least-telling.js';
import type { Entry, Frame, StudioMessage } from '../messages.js';

type Hello = Extract<StudioMessage, { readonly type: 'hello' }>;

/** How many sessions are kept beside the current one: those of programs that ended, or were restarted. */
const MOST_EARLIER = 4;

/** The session of one client, for pages that connect later. */
class RelayedSession {
  readonly hello: Hello;
  readonly #entries: KeptEntries;
  readonly #monotonic: () => number;
  #frames: Frame[];
  /** The client's clock and this process's clock at the last message, ms. */
  #heard: { readonly at: number; readonly here: number };

  constructor(hello: Hello, monotonic: () => number) {
    this.hello = { ...hello, entries: [], frames: [] };
    this.#monotonic = monotonic;
    this.#entries = new KeptEntries(monotonic, hello.entries);
    this.#frames = lastFrames([], hello.frames ?? []);
    this.#heard = { at: hello.now, here: monotonic() };
  }

  get entries(): readonly Entry[] {
    return this.#entries.all;
  }

  /** @returns whether the entry follows the last one */
  add(entry: Entry): boolean {
    const { last } = this.#entries;
    if (last !== undefined && entry.n !== last.n + 1) return false;
    this.#entries.add(entry);
    this.#heard = { at: entry.at, here: this.#monotonic() };
    return true;
  }

  addFrames(frames: readonly Frame[]): void {
    this.#frames = lastFrames(this.#frames, frames);
  }

  whole(): Hello {
    const { at, here } = this.#heard;
    const now = Math.round(at + this.#monotonic() - here);
    return { ...this.hello, now, entries: [...this.#entries.all], frames: [...this.#frames] };
  }
}

/** The session of the attached client, and the sessions before it. */
export class RelayedSessions {
  readonly #monotonic: () => number;
  #earlier: RelayedSession[] = [];
  #current: RelayedSession | null = null;
  #count = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The controls of the attached client. */
  get controls(): Hello['session']['controls'] {
    return this.#current?.hello.session.controls ?? [];
  }

  /** A client says what it did so far. @returns the message for the pages */
  begin(hello: Hello): Hello {
    this.end();
    this.#count += 1;
    // Two programs may not have the same session, whatever they say.
    const id = `${hello.session.id ?? 'a session'} (${this.#count})`;
    this.#current = new RelayedSession({ ...hello, session: { ...hello.session, id } }, this.#monotonic);
    return this.#current.whole();
  }

  /** @returns why the entry cannot be added */
  add(entry: Entry): string | undefined {
    if (this.#current === null) return 'the hello is missing';
    return this.#current.add(entry) ? undefined : 'entries are missing';
  }

  /** @returns why the messages cannot be added */
  addFrames(frames: readonly Frame[]): string | undefined {
    this.#current?.addFrames(frames);
    return this.#current === null ? 'the hello is missing' : undefined;
  }

  /** The client is gone. Its session is kept. @returns whether there was one */
  end(): boolean {
    const current = this.#current;
    if (current === null) return false;
    if (this.#earlier.length >= MOST_EARLIER) {
      const dropped = leastTelling(this.#earlier, ({ entries }) => entries);
      this.#earlier = this.#earlier.filter((one) => one !== dropped);
    }
    this.#earlier = [...this.#earlier, current];
    this.#current = null;
    return true;
  }

  /** All sessions, the oldest first, as messages for a page that connects. */
  *messages(): Generator<StudioMessage> {
    const last = this.#current ?? this.#earlier[this.#earlier.length - 1];
    for (const session of this.#earlier) if (session !== last) yield { ...session.whole(), isOver: true };
    if (last === undefined) return;
    yield last.whole();
    if (this.#current === null) yield { type: 'gone' };
  }
}
