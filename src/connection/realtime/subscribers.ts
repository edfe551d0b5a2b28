import type { Observable } from 'rxjs';
import { Listeners } from '../../async/listeners.js';
import { News, type Receiver } from '../../async/news.js';
import { UserStream } from '../../async/user-stream.js';
import { checkListener } from '../../checks/option-checks.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import type { LogHandler } from '../../log/log.js';
import { faultLog } from '../../log/user-callback.js';
import type { ConnectionState } from '../port.js';
import { ChangeListeners, type ConnectionStateChange } from './change-listeners.js';
import type { ProtocolMessage } from './protocol.js';

/** What is known of the connection at one moment. */
interface Moment {
  readonly state: ConnectionState;
  readonly reason: ErrorInfo | null;
  readonly retryInMs: number;
}

/** States whose reason is reported even if it was reported before. */
const withReason: readonly ConnectionState[] = ['disconnected', 'suspended', 'failed'];

/** States that end by themselves with a try to connect. */
const withRetry: readonly ConnectionState[] = ['disconnected', 'suspended'];

/**
 * The listeners and streams of a connection: for the changes of its state, and for its messages. Each list is made at
 * its first use. @see RTN4
 */
export class ConnectionSubscribers {
  readonly #log: LogHandler;
  #changes: ChangeListeners | undefined;
  #messages: Listeners<ProtocolMessage> | undefined;
  #stateNews: News<ConnectionState> | undefined;
  #messageNews: News<ProtocolMessage> | undefined;
  #told: Pick<Moment, 'state' | 'reason'> = FIRST;
  /** The state that the stream emitted last. */
  #emitted: ConnectionState = FIRST.state;
  #isOver = false;

  constructor(log: LogHandler) {
    this.#log = log;
  }

  /** Whether the connection was disposed of. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get changes(): ChangeListeners {
    if (this.#changes === undefined) {
      this.#changes = new ChangeListeners(this.#log);
      if (this.#isOver) this.#changes.dispose();
    }
    return this.#changes;
  }

  onMessage(listener: (message: ProtocolMessage) => void): () => void {
    checkListener(listener);
    if (this.#isOver) return () => {};
    this.#messages ??= new Listeners(this.#log, 'a listener of messages');
    return this.#messages.add(listener);
  }

  get state$(): Observable<ConnectionState> {
    return this.#stream('a subscriber of state$', (subscriber) => {
      this.#stateNews ??= new News();
      const leave = this.#stateNews.add(subscriber);
      subscriber.next(this.#emitted);
      return leave;
    });
  }

  get messages$(): Observable<ProtocolMessage> {
    return this.#stream('a subscriber of messages$', (subscriber) => {
      this.#messageNews ??= new News();
      return this.#messageNews.add(subscriber);
    });
  }

  #stream<T>(name: string, subscribe: (subscriber: Receiver<T>) => () => void): Observable<T> {
    return new UserStream<T>(faultLog(this.#log, name), (subscriber) => {
      if (!this.#isOver) return subscribe(subscriber);
      subscriber.complete();
      return undefined;
    });
  }

  /** @returns the change since the moment before; undefined if the state is the same */
  since({ state, reason, retryInMs }: Moment): ConnectionStateChange | undefined {
    const { state: previous, reason: toldReason } = this.#told;
    if (state === previous) return undefined;
    this.#told = { state, reason };
    const isNews = reason !== toldReason || withReason.includes(state);
    return {
      previous,
      current: state,
      event: state,
      ...(reason !== null && isNews ? { reason } : {}),
      ...(withRetry.includes(state) && retryInMs < Number.POSITIVE_INFINITY ? { retryIn: retryInMs } : {}),
    };
  }

  changed(change: ConnectionStateChange): void {
    this.#emitted = change.current;
    this.#stateNews?.next(change.current);
    this.#changes?.tell(change);
  }

  updated(reason: ErrorInfo | undefined): void {
    const update = { previous: 'connected', current: 'connected', event: 'update' } as const;
    this.#changes?.tell(reason === undefined ? update : { ...update, reason });
  }

  received(message: ProtocolMessage): void {
    this.#messages?.tell(message);
    this.#messageNews?.next(message);
  }

  /** The connection is disposed of: nothing is passed on any more. */
  end(): void {
    this.#changes?.dispose();
    this.#messages?.dispose();
    this.#isOver = true;
    this.#stateNews?.complete();
    this.#messageNews?.complete();
  }
}

/** Before anything was told. All connections share it. */
const FIRST = Object.freeze({ state: 'initialized', reason: null });

/** A change in the form of the port. */
export function reportedChange({ current: state, reason, retryIn }: ConnectionStateChange) {
  return {
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(retryIn === undefined ? {} : { retryInMs: retryIn }),
  };
}
