import type { AuthEventName, AuthEvents } from '../index.js';
import { callUser } from '../log/user-callback.js';
import { type Known, redactedBut } from '../redaction/value.js';
import { NoSuchControl, type Performance, Performances } from './controls.js';
import { knownTexts, shownSession } from './known-texts.js';
import type { Entry, Session, StudioLink, StudioMessage, Told, View } from './messages.js';
import { recordingText } from './recording.js';
import { saidBy } from './said.js';
import { stepOf } from './steps.js';
import type { Subject } from './subject.js';
import { describedEvents, type Payload, wordsFor } from './words.js';

export interface RecorderOptions {
  /** The name of the client in the page. */
  readonly title?: string;
  /** Controls besides those that every client has. */
  readonly controls?: readonly Performance[];
  /** The controls that are switched on, and how fast the clock runs. */
  readonly standing?: () => Pick<View, 'on' | 'rate'>;
}

/** How many entries are kept for pages that connect later. */
const KEPT = 10_000;

type NewEntry = Entry extends infer One ? (One extends Entry ? Omit<One, 'n' | 'at'> : never) : never;

/** An entry that waits until its effect is visible. */
interface Pending {
  readonly made: NewEntry;
  /** The states that a step made active. More steps may follow in the same turn. */
  readonly active: View['active'];
  /** Whether the actor shows the result of the step. */
  readonly isOver: () => boolean;
}

/**
 * Records what a client, its connection and their machines do, as plain entries. It only listens. Every entry
 * is redacted before it is kept or sent.
 *
 * The state after an event is recorded right before the event: an entry is shown with the last view up to it.
 * So an entry waits for the next entry, or for the end of the turn.
 */
export class Recorder implements StudioLink {
  readonly #subject: Subject;
  readonly #standing: () => Pick<View, 'on' | 'rate'>;
  readonly #session: Session;
  readonly #isKnown: Known;
  readonly #performances: Performances;
  readonly #listeners = new Set<(message: StudioMessage) => void>();
  readonly #undo: (() => void)[] = [];
  #entries: Entry[] = [];
  #pending: Pending[] = [];
  #count = 0;
  #isDue = false;
  #isOver = false;
  #lastView = '';

  constructor(subject: Subject, options: RecorderOptions = {}) {
    const { title = 'an Auth client', controls = [], standing = () => ({ on: [], rate: 1 }) } = options;
    this.#subject = subject;
    this.#standing = standing;
    this.#performances = new Performances(subject.auth, controls);
    this.#session = shownSession({
      title: String(title),
      charts: subject.charts,
      controls: this.#performances.controls,
    });
    this.#isKnown = knownTexts(this.#session, () => [subject.auth.clientId]);
    for (const name of describedEvents) this.#listen(name);
    for (const system of subject.systems) {
      const { unsubscribe } = system.inspect((event) =>
        safely(() => {
          const taken = stepOf(event, subject.machineOf);
          if (taken !== undefined) this.#await({ ...taken, made: { kind: 'step', step: taken.step } });
          if (event.type === '@xstate.snapshot') this.refresh();
        }),
      );
      this.#undo.push(unsubscribe);
    }
    this.#addView();
    const { state$ } = subject.auth;
    const watching = state$.subscribe({ complete: () => this.#clientIsOver() });
    this.#undo.push(() => watching.unsubscribe());
  }

  subscribe(listener: (message: StudioMessage) => void): () => void {
    this.#settle();
    const { now } = this.#subject.auth.explain();
    listener({ type: 'hello', now, session: this.#session, entries: [...this.#entries] });
    if (this.#isOver) {
      listener({ type: 'gone' });
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The whole recording, as the text of a file. */
  recording(): string {
    this.#settle();
    return recordingText({ session: this.#session, entries: this.#entries });
  }

  async perform(control: string): Promise<void> {
    if (this.#isOver) throw new NoSuchControl('The client was disposed of.');
    const entry = this.#performances.logEntry(control);
    if (entry !== undefined) this.note(entry);
    try {
      await this.#performances.perform(control);
    } catch (thrown) {
      if (entry !== undefined)
        this.note({ ...entry, tone: 'bad', title: `${entry.title}: failed`, detail: saidBy(thrown) });
      throw thrown;
    }
    this.refresh();
  }

  /** Adds an entry that does not come from the client's events. */
  note(entry: Told): void {
    this.#await({ made: { kind: 'told', ...entry }, active: {}, isOver: () => true });
  }

  /** Records the current state at the end of the turn. */
  refresh(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      safely(() => {
        this.#settle();
        this.#addView();
      });
    });
  }

  dispose(): void {
    this.#settle();
    this.#isOver = true;
    for (const undo of this.#undo.splice(0)) undo();
    for (const listener of this.#listeners) safely(() => listener({ type: 'gone' }));
    this.#listeners.clear();
  }

  #clientIsOver(): void {
    const detail = 'the program has disposed of the client';
    this.note({ about: 'token', tone: 'calm', title: 'Disposed of', detail });
    this.dispose();
  }

  #listen<Name extends AuthEventName>(name: Name): void {
    const take = (payload: Payload<Name>): void => {
      const entry = wordsFor(name, payload);
      if (entry === null) this.refresh();
      else this.note(entry);
    };
    this.#undo.push(this.#subject.auth.on(name, take as AuthEvents[Name]));
  }

  #await(pending: Pending): void {
    if (this.#isOver) return;
    if (this.#pending.every(({ isOver }) => isOver())) this.#settle();
    this.#pending.push(pending);
    this.refresh();
  }

  /** Adds the waiting entries, each after the state that it led to. */
  #settle(): void {
    for (const { made, active } of this.#pending.splice(0)) {
      this.#addView(active);
      this.#add(made);
    }
  }

  /** @param stepped the states that a step made active, if another step followed */
  #addView(stepped: View['active'] = {}): void {
    if (this.#isOver) return;
    const now = this.#view();
    const view = { ...now, active: { ...now.active, ...stepped } };
    const { now: _now, token, next, ...decision } = view.decision;
    // A view that differs only in its time is not recorded.
    const facts = token === null ? null : { issued: token.issued, expires: token.expires };
    const key = JSON.stringify([{ ...view, decision }, facts, next?.step]);
    if (key === this.#lastView) return;
    this.#lastView = key;
    this.#add({ kind: 'view', view });
  }

  #view(): View {
    const { auth, active, connection } = this.#subject;
    const { inputs: _inputs, ...decision } = auth.explain();
    const { may } = this.#performances;
    return { decision, active, may, clientId: auth.clientId, connection, ...this.#standing() };
  }

  #add(made: NewEntry): void {
    const at = this.#subject.auth.explain().now;
    const entry = redactedBut(this.#isKnown, { n: ++this.#count, at, ...made }) as Entry;
    this.#entries.push(entry);
    // The list is cut seldom: removing the first entry of a long list each time would be slow.
    if (this.#entries.length > KEPT * 1.2) this.#entries = lastOf(this.#entries, KEPT);
    for (const listener of [...this.#listeners]) safely(() => listener({ type: 'entry', entry }));
  }
}

/** The last entries. The first one becomes the view of that moment, so that every entry can be shown. */
function lastOf(entries: readonly Entry[], count: number): Entry[] {
  const [first, ...others] = entries.slice(-count);
  const view = entries.slice(0, 1 - count).findLast(({ kind }) => kind === 'view');
  if (first === undefined) return [];
  return [view === undefined ? first : { ...view, n: first.n, at: first.at }, ...others];
}

/** An error of the studio must not stop the client or its program: what cannot be shown is left out. */
function safely(show: () => void): void {
  callUser(show, () => {});
}
