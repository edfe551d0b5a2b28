import { lastFrames } from '../frames.js';
import { History } from '../history.js';
import { KeptEntries } from '../kept-entries.js';
import { leastTelling } from '../least-telling.js';
import type { Entry, Frame, Session, StudioMessage } from '../messages.js';
import type { Recording } from '../recording.js';

export type LinkState = 'waiting' | 'live' | 'gone' | 'recording';

/** A session that the page can show. */
export interface ShownSession {
  history: History;
  /** The entries of the history. */
  kept: KeptEntries;
  frames: Frame[];
  state: LinkState;
}

/** How many ended sessions and recordings are kept beside the one of the client. */
const MOST = 5;

const monotonic = (): number => performance.now();

const partsOf = (session: Session, entries: readonly Entry[], frames: readonly Frame[]) => {
  const kept = new KeptEntries(monotonic, entries);
  return { kept, history: new History(session, kept.all), frames: lastFrames([], frames) };
};

const empty = (): ShownSession => ({
  ...partsOf({ title: '', charts: [], controls: [] }, [], []),
  state: 'waiting',
});

/** The sessions of the page: the client's, those before it, and recordings. */
export class Sessions {
  /** The oldest first. */
  readonly all: ShownSession[] = [];
  /** The session of the client. */
  linked = empty();
  /** Whether the user looks at a session: it stays. */
  isSeen: (one: ShownSession) => boolean = () => false;

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
    Object.assign(shown, partsOf(session, entries, frames), { state: isOver ? 'gone' : 'live' });
    if (isOver) return shown;
    if (this.linked !== shown && this.linked.state === 'live') this.linked.state = 'gone';
    this.linked = shown;
    return shown;
  }

  open({ session, entries, frames = [] }: Recording): ShownSession {
    const shown = this.#begin();
    return Object.assign(shown, partsOf(session, entries, frames), { state: 'recording' as const });
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
    const isCut = linked.kept.add(entry);
    if (isCut) linked.history = new History(linked.history.session, linked.kept.all);
    else linked.history.add(entry);
    return isCut;
  }

  addFrames(frames: readonly Frame[]): void {
    this.linked.frames = lastFrames(this.linked.frames, frames);
  }

  #begin(): ShownSession {
    const shown = empty();
    this.all.push(shown);
    if (this.all.length <= MOST) return shown;
    const others = this.all.filter((one) => one !== this.linked && one !== shown && !this.isSeen(one));
    const dropped = leastTelling(others, ({ history }) => history.entries);
    if (dropped !== undefined) this.all.splice(this.all.indexOf(dropped), 1);
    return shown;
  }
}
