import type { Observable } from 'rxjs';
import { News, type Receiver } from '../../async/news.js';
import { UserStream } from '../../async/user-stream.js';
import type { LogHandler } from '../../log/log.js';
import { faultLog } from '../../log/user-callback.js';
import type { ConnectionState } from '../port.js';
import type { ProtocolMessage } from './protocol.js';

/** The states and messages of a connection as streams. They are made at their first use. */
export class ConnectionStreams {
  readonly #log: LogHandler;
  #states: News<ConnectionState> | undefined;
  #messages: News<ProtocolMessage> | undefined;
  /** The state that was emitted last. */
  #state: ConnectionState = 'initialized';
  #isOver = false;

  constructor(log: LogHandler) {
    this.#log = log;
  }

  get isComplete(): boolean {
    return this.#isOver;
  }

  get state$(): Observable<ConnectionState> {
    return this.#stream('a subscriber of state$', (subscriber) => {
      this.#states ??= new News();
      const leave = this.#states.add(subscriber);
      subscriber.next(this.#state);
      return leave;
    });
  }

  get message$(): Observable<ProtocolMessage> {
    return this.#stream('a subscriber of messages$', (subscriber) => {
      this.#messages ??= new News();
      return this.#messages.add(subscriber);
    });
  }

  #stream<T>(name: string, subscribe: (subscriber: Receiver<T>) => () => void): Observable<T> {
    return new UserStream<T>(faultLog(this.#log, name), (subscriber) => {
      if (!this.#isOver) return subscribe(subscriber);
      subscriber.complete();
      return undefined;
    });
  }

  nextState(state: ConnectionState): void {
    this.#state = state;
    this.#states?.next(state);
  }

  nextMessage(message: ProtocolMessage): void {
    this.#messages?.next(message);
  }

  complete(): void {
    this.#isOver = true;
    this.#states?.complete();
    this.#messages?.complete();
  }
}
