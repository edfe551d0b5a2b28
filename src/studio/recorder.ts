import { systemClock } from '../clock.js';
import { callUser } from '../log/user-callback.js';
import { fieldOf } from '../redaction/received.js';
import { type Known, redactedBut } from '../redaction/value.js';
import { NoSuchControl, type Performance, Performances } from './controls.js';
import { Frames } from './frames.js';
import { KeptEntries } from './kept-entries.js';
import { knownTexts, shownSession } from './known-texts.js';
import type { ConnectionFacts, Entry, Session, StudioLink, StudioMessage, Told, View } from './messages.js';
import { Observer } from './observer.js';
import type { NewEntry, PendingEntry } from './pending-entries.js';
import { recordingText } from './recording.js';
import { saidBy } from './said.js';
import { stepOf } from './steps.js';
import type { Subject } from './subject.js';
import { setBack, wokeUp } from './words.js';

export interface RecorderOptions {
  /** The name of the client in the page. */
  readonly title?: string;
  /** Controls besides those that every client has. */
  readonly controls?: readonly Performance[];
  /** The controls that are switched on, and how fast the clock runs. */
  readonly standing?: () => Pick<View, 'on' | 'rate'>;
}

/** The clock of the client may go back by less, ms, because its readings are rounded. */
const SET_BACK_MS = 1_000;

let sessions = 0;

/**
 * Records what a client, its connection and their machines do, as plain entries. It only listens. Every entry
 * is redacted before it is kept or sent.
 *
 * The state after an event is recorded right before the event: an entry is shown with the last view up to it.
 * So an entry waits for the next entry, or for the end of the turn.
 */
export class Recorder implements StudioLink {
  readonly #subject: Subject;
  readonly #observer: Observer;
  readonly #standing: () => Pick<View, 'on' | 'rate'>;
  readonly #session: Session;
  readonly #isKnown: Known;
  readonly #performances: Performances;
  readonly #listeners = new Set<(message: StudioMessage) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #kept = new KeptEntries(systemClock.monotonic);
  readonly #frames = new Frames(systemClock.monotonic);
  #pending: PendingEntry[] = [];
  #count = 0;
  #isDue = false;
  #isOver = false;
  #lastView = '';

  constructor(subject: Subject, options: RecorderOptions = {}) {
    const { title = 'an Auth client', controls = [], standing = () => ({ on: [], rate: 1 }) } = options;
    this.#subject = subject;
    this.#observer = new Observer(subject);
    this.#standing = standing;
    this.#performances = new Performances(subject.auth, controls);
    sessions += 1;
    this.#session = shownSession({
      id: `${Math.round(systemClock.now())}-${sessions}`,
      title: String(title),
      charts: subject.charts,
      controls: this.#performances.controls,
    });
    this.#isKnown = knownTexts(this.#session, this.#observer.names);
    this.#undo.push(
      this.#observer.listen((words) => (words === null ? this.refresh() : this.note(words))),
      subject.onTraffic((...passed) => safely(() => this.#takeFrame(...passed))),
    );
    for (const system of subject.systems) {
      const { unsubscribe } = system.inspect((event) =>
        safely(() => {
          if (event.type === '@xstate.event') this.#takeEvent(event);
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
    const [entries, frames] = [[...this.#kept.all], [...this.#frames.all]];
    listener({ type: 'hello', now, session: this.#session, entries, frames });
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
    return recordingText({ session: this.#session, entries: this.#kept.all, frames: this.#frames.all });
  }

  async perform(control: string): Promise<void> {
    if (this.#isOver) throw new NoSuchControl('The client was disposed of.');
    const entry = this.#performances.logEntry(control, this.#standing().on.includes(control));
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

  #takeEvent({
    actorRef,
    event,
  }: {
    readonly actorRef: object;
    readonly event: { readonly type: string };
  }): void {
    if (fieldOf(actorRef, 'id') !== 'auth') return;
    this.#observer.saw(event);
    const ms = event.type === 'time.jumped' ? Number(fieldOf(event, 'ms')) : 0;
    if (ms > 0) this.note(wokeUp(ms));
  }

  #takeFrame(isSent: boolean, action: number, size: number): void {
    if (this.#isOver) return;
    if (this.#pending.every(({ isOver }) => isOver())) this.#settle();
    const at = this.#subject.auth.explain().now;
    this.#frames.add({ at, after: this.#count, isSent, action, size });
    this.#sendFrames(false);
  }

  #sendFrames(isUrgent: boolean): void {
    const frames = this.#frames.batch(isUrgent);
    if (frames.length > 0) this.#send({ type: 'frames', frames });
  }

  #await(pending: PendingEntry): void {
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
    const view = viewAtStep(this.#view(), stepped);
    const { now: _now, token, next, ...decision } = view.decision;
    // A view that differs only in its time is not recorded.
    const facts = token === null ? null : { issued: token.issued, expires: token.expires };
    const { connection } = view;
    const link = connection && { ...connection, forgottenAt: connection.forgottenAt != null };
    const key = JSON.stringify([{ ...view, decision, connection: link }, facts, next?.step]);
    if (key === this.#lastView) return;
    this.#lastView = key;
    this.#add({ kind: 'view', view });
  }

  #view(): View {
    const { may } = this.#performances;
    return { ...this.#observer.facts, may, ...this.#standing() };
  }

  #add(made: NewEntry): void {
    const { now } = this.#subject.auth.explain();
    const lastAt = this.#kept.last?.at ?? now;
    // The clock of the client was set back: the page must know before it shows a time.
    if (lastAt - now > SET_BACK_MS) this.#keep({ kind: 'told', ...setBack(lastAt - now) }, now);
    this.#keep(made, now);
  }

  #keep(made: NewEntry, at: number): void {
    const entry = redactedBut(this.#isKnown, { n: this.#count + 1, at, ...made }) as Entry;
    this.#count += 1;
    this.#kept.add(entry);
    this.#send({ type: 'entry', entry });
    this.#sendFrames(true);
  }

  #send(message: StudioMessage): void {
    for (const listener of [...this.#listeners]) safely(() => listener(message));
  }
}

/** The view in the middle of a turn: after a step that another one followed. */
function viewAtStep(now: View, stepped: View['active']): View {
  const { connection, decision } = now;
  // Not each connection's chart has the states of the connection.
  const isOfChart = connection !== null && nameIn(now.active.connection) === connection.state;
  const state = isOfChart ? nameIn(stepped.connection) : undefined;
  const value = nameIn(stepped.auth);
  return {
    ...now,
    active: { ...now.active, ...stepped },
    ...(state === undefined ? {} : { connection: { ...connection, state } as ConnectionFacts }),
    ...(value === undefined ? {} : { decision: { ...decision, value: value as typeof decision.value } }),
  };
}

/** The name of the outermost active state, without that of its machine. */
const nameIn = (active: readonly string[] | undefined): string | undefined => active?.[0]?.split('.')[1];

/** An error of the studio must not stop the client or its program: what cannot be shown is left out. */
function safely(show: () => void): void {
  callUser(show, () => {});
}
