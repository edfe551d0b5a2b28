import { History } from '../history.js';
import type { StudioLink, StudioMessage, View } from '../messages.js';
import type { Recording } from '../recording.js';
import { saidBy } from '../said.js';
import { EventLog } from './event-log.js';
import { RemoteClock } from './remote-clock.js';
import { TimeWindow } from './time-window.js';

export type LinkState = 'waiting' | 'live' | 'gone' | 'recording';

const noSession = { title: '', charts: [], controls: [] };

/** The data of the page, and the moment that it shows. */
export class Model {
  readonly clock = new RemoteClock();
  readonly log = new EventLog();
  readonly window = new TimeWindow();
  history = new History(noSession);
  state: LinkState = 'waiting';
  /** The number of the entry that is shown; null: always the newest. */
  cursor: number | null = null;
  /** A message to the user: what failed. */
  notice = '';
  readonly #link: StudioLink;
  /** The live session, kept while a recording is shown. */
  #live: { history: History; state: LinkState } | null = null;

  constructor(link: StudioLink) {
    this.#link = link;
  }

  /** Whether controls can be used. */
  get isLive(): boolean {
    return this.state === 'live' && this.cursor === null;
  }

  get lastN(): number {
    return this.history.entries.at(-1)?.n ?? 0;
  }

  /** The number of the entry that is shown. */
  get n(): number {
    return this.cursor ?? this.lastN;
  }

  /** The moment that is shown, ms since the epoch by the client's clock. */
  get now(): number {
    if (this.state === 'live' && this.cursor === null) return this.clock.now();
    return this.history.entry(this.n)?.at ?? this.history.lastAt;
  }

  get view(): View | undefined {
    return this.history.viewAt(this.n)?.view;
  }

  take(message: StudioMessage): void {
    switch (message.type) {
      case 'hello': {
        const history = new History(message.session, message.entries);
        if (this.#live !== null) this.#live = { history, state: 'live' };
        else this.#show(history, 'live');
        this.clock.hear(message.now);
        this.clock.runAt(history.viewAt(Number.POSITIVE_INFINITY)?.view.rate ?? 1);
        break;
      }
      case 'entry': {
        const { entry } = message;
        this.clock.hear(entry.at);
        if (entry.kind === 'view') this.clock.runAt(entry.view.rate);
        (this.#live?.history ?? this.history).add(entry);
        if (this.#live === null) this.log.add(entry);
        break;
      }
      case 'gone':
        this.leave('gone');
    }
  }

  /** The connection to the client was lost. */
  leave(state: LinkState): void {
    if (this.#live !== null) this.#live.state = state;
    else this.state = state;
  }

  /** Shows a recording instead of the live session. */
  open({ session, entries }: Recording): void {
    this.#live ??= { history: this.history, state: this.state };
    this.#show(new History(session, entries), 'recording');
    this.window.showAll();
  }

  /** Returns from a recording or from an earlier moment. */
  goLive(): void {
    if (this.#live !== null) {
      const { history, state } = this.#live;
      this.#live = null;
      this.#show(history, state);
    }
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

  #show(history: History, state: LinkState): void {
    this.history = history;
    this.state = state;
    this.cursor = null;
    this.log.show(history.entries);
  }
}
