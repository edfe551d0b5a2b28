import { lastFrames } from '../frames.js';
import { History } from '../history.js';
import { lastEntries } from '../kept-entries.js';
import type { Entry, Frame, StudioMessage } from '../messages.js';
import type { Recording } from '../recording.js';

export type LinkState = 'waiting' | 'live' | 'gone' | 'recording';

/** A session that the page can show. */
export interface ShownSession {
  history: History;
  frames: Frame[];
  state: LinkState;
}

/** How many ended sessions and recordings are kept beside the one of the client. */
const MOST = 5;

const empty = (): ShownSession => ({
  history: new History({ title: '', charts: [], controls: [] }),
  frames: [],
  state: 'waiting',
});

/** The sessions of the page: the client's, those before it, and recordings. */
export class Sessions {
  /** The oldest first. */
  readonly all: ShownSession[] = [];
  /** The session of the client. */
  linked = empty();

  /** A client says what it did so far: a new session, or one that is known. */
  hello({
    session,
    entries,
    frames = [],
    isOver = false,
  }: Extract<StudioMessage, { readonly type: 'hello' }>): ShownSession {
    const found = this.all.find(
      ({ history }) => session.id !== undefined && history.session.id === session.id,
    );
    const shown = found ?? this.#begin();
    shown.history = new History(session, entries);
    shown.frames = lastFrames([], frames);
    shown.state = isOver ? 'gone' : 'live';
    if (isOver) return shown;
    if (this.linked !== shown && this.linked.state === 'live') this.linked.state = 'gone';
    this.linked = shown;
    return shown;
  }

  open({ session, entries, frames = [] }: Recording): ShownSession {
    const shown = this.#begin();
    shown.history = new History(session, entries);
    shown.frames = lastFrames([], frames);
    shown.state = 'recording';
    return shown;
  }

  /** Forgets what the client did so far. */
  clear(): void {
    Object.assign(this.linked, { ...empty(), state: this.linked.state });
  }

  drop(shown: ShownSession): void {
    const index = this.all.indexOf(shown);
    if (index >= 0 && shown !== this.linked) this.all.splice(index, 1);
  }

  /** @returns whether earlier entries were dropped, so that the history is another one */
  add(entry: Entry): boolean {
    const { linked } = this;
    linked.history.add(entry);
    const kept = lastEntries(linked.history.entries);
    if (kept === undefined) return false;
    linked.history = new History(linked.history.session, kept);
    return true;
  }

  addFrames(frames: readonly Frame[]): void {
    this.linked.frames = lastFrames(this.linked.frames, frames);
  }

  #begin(): ShownSession {
    const shown = empty();
    this.all.push(shown);
    const oldest = this.all.find((one) => one !== this.linked && one !== shown);
    if (this.all.length > MOST && oldest !== undefined) this.all.splice(this.all.indexOf(oldest), 1);
    return shown;
  }
}
