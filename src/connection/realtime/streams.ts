import type { Observable } from 'rxjs';
import { BehaviorSubject, Subject } from '#rxjs';
import { UserStream } from '../../async/user-stream.js';
import type { LogHandler } from '../../log/log.js';
import { faultLog } from '../../log/user-callback.js';
import type { ConnectionState } from '../port.js';
import type { ProtocolMessage } from './protocol.js';

/** A connection's states and messages as streams, made when they are first asked for. */
export class ConnectionStreams {
  readonly #log: LogHandler;
  #states: BehaviorSubject<ConnectionState> | undefined;
  #messages: Subject<ProtocolMessage> | undefined;
  #isOver = false;

  constructor(log: LogHandler) {
    this.#log = log;
  }

  get isComplete(): boolean {
    return this.#isOver;
  }

  /** @param current the state now, for whoever comes first */
  state$(current: ConnectionState): Observable<ConnectionState> {
    this.#states ??= new BehaviorSubject(current);
    const states = this.#states;
    if (this.#isOver) states.complete();
    return new UserStream(faultLog(this.#log, 'a subscriber of state$'), (to) => states.subscribe(to));
  }

  get message$(): Observable<ProtocolMessage> {
    this.#messages ??= new Subject();
    const messages = this.#messages;
    if (this.#isOver) messages.complete();
    return new UserStream(faultLog(this.#log, 'a subscriber of messages$'), (to) => messages.subscribe(to));
  }

  nextState(state: ConnectionState): void {
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
