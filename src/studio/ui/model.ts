import type { Unseen } from '../era.js';
import type { History } from '../history.js';
import type { Frame, StudioLink, StudioMessage, View } from '../messages.js';
import type { Recording } from '../recording.js';
import { saidBy } from '../said.js';
import { EventLog } from './event-log.js';
import { RemoteClock } from './remote-clock.js';
import { type LinkState, Sessions, type ShownSession } from './sessions.js';
import { TimeWindow } from './time-window.js';

export type { LinkState } from './sessions.js';

/** The data of the page, and the moment that it shows. */
export class Model {
  readonly clock = new RemoteClock();
  readonly log = new EventLog();
  readonly window = new TimeWindow();
  readonly sessions = new Sessions();
  shown: ShownSession = this.sessions.linked;
  /** The number of the entry that is shown; null: always the newest. */
  cursor: number | null = null;
  /** A message to the user: what failed. */
  notice = '';
  /** The parts of the page that the user opened. */
  readonly opened = new Set<string>();
  readonly #link: StudioLink;

  constructor(link: StudioLink) {
    this.#link = link;
  }

  get history(): History {
    return this.shown.history;
  }

  get frames(): readonly Frame[] {
    return this.shown.frames;
  }

  get state(): LinkState {
    return this.shown.state;
  }

  /** Whether controls can be used. */
  get isLive(): boolean {
    return this.state === 'live' && this.cursor === null && this.silence === undefined;
  }

  /** The time since the last entry, if the client has not noticed the expiry of its token: it stands still. */
  get silence(): Unseen | undefined {
    if (this.state !== 'live' || this.cursor !== null) return undefined;
    return this.history.eraAt(this.n)?.silence(this.clock.now(), this.view?.rate);
  }

  get lastN(): number {
    const { entries } = this.history;
    return entries[entries.length - 1]?.n ?? 0;
  }

  /** The number of the entry that is shown. */
  get n(): number {
    return this.cursor ?? this.lastN;
  }

  /** The moment that is shown, ms since the epoch by the client's clock. */
  get now(): number {
    if (this.isLive) return this.clock.now();
    return this.history.entry(this.n)?.at ?? this.history.lastAt;
  }

  get view(): View | undefined {
    return this.history.viewAt(this.n)?.view;
  }

  take(message: StudioMessage): void {
    switch (message.type) {
      case 'hello': {
        const isFollowing = this.shown === this.sessions.linked;
        const shown = this.sessions.hello(message);
        // The link has connected again: the reader stays where they are.
        if (shown === this.shown) this.#refill();
        else if (isFollowing && message.isOver !== true) this.show(shown);
        if (message.isOver === true) break;
        this.clock.hear(message.now);
        this.clock.runAt(shown.history.viewAt(Number.POSITIVE_INFINITY)?.view.rate ?? 1);
        break;
      }
      case 'entry': {
        const { entry } = message;
        this.clock.hear(entry.at);
        if (entry.kind === 'view') this.clock.runAt(entry.view.rate);
        const isCut = this.sessions.add(entry);
        if (this.shown !== this.sessions.linked) break;
        if (isCut) this.#refill();
        else this.log.add(entry);
        break;
      }
      case 'frames':
        this.sessions.addFrames(message.frames);
        break;
      case 'gone':
        if (this.sessions.linked.state === 'live') this.sessions.linked.state = 'gone';
    }
  }

  /** Shows a session. */
  show(session: ShownSession): void {
    this.shown = session;
    this.cursor = null;
    this.#refill();
    this.window.follow();
    if (session.state === 'recording') this.window.showAll();
  }

  /** Shows a recording instead of the live session. */
  open(recording: Recording): void {
    this.show(this.sessions.open(recording));
    this.notice = '';
  }

  /** Returns from a recording, from another session or from an earlier moment. */
  goLive(): void {
    const left = this.shown;
    if (left !== this.sessions.linked) this.show(this.sessions.linked);
    if (left.state === 'recording') this.sessions.drop(left);
    this.cursor = null;
    this.window.follow();
  }

  /** The session cannot be drawn: returns to the live session, unless that is the one shown. */
  giveUp(): void {
    const isRecording = this.state === 'recording';
    this.goLive();
    this.notice = isRecording ? 'This recording cannot be drawn.' : 'This client cannot be drawn.';
  }

  /** Shows the session at an entry. The last entry of a live session means: follow it. */
  travelTo(n: number): void {
    const first = this.history.entries[0]?.n ?? 0;
    const wanted = Math.min(this.lastN, Math.max(first, n));
    this.cursor = wanted === this.lastN && this.state !== 'recording' ? null : wanted;
  }

  async perform(control: string): Promise<void> {
    try {
      await this.#link.perform(control);
      this.notice = '';
    } catch (thrown) {
      this.notice = `This failed: ${saidBy(thrown)}`;
    }
  }

  #refill(): void {
    this.log.show(this.history.entries);
    if (this.cursor !== null) this.travelTo(this.cursor);
  }
}
