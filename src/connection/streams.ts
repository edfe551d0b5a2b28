import { BehaviorSubject, type Observable, Subject } from 'rxjs';
import type { ConnectionState } from './port.js';
import type { ProtocolMessage } from './protocol.js';

/** A connection's states and messages as streams, made when they are first asked for. rxjs's door here. */
export class ConnectionStreams {
  #states: BehaviorSubject<ConnectionState> | undefined;
  #messages: Subject<ProtocolMessage> | undefined;
  #isOver = false;

  get isComplete(): boolean {
    return this.#isOver;
  }

  /** @param current the state now, for whoever comes first */
  state$(current: ConnectionState): Observable<ConnectionState> {
    this.#states ??= new BehaviorSubject(current);
    if (this.#isOver) this.#states.complete();
    return this.#states.asObservable();
  }

  get message$(): Observable<ProtocolMessage> {
    this.#messages ??= new Subject();
    if (this.#isOver) this.#messages.complete();
    return this.#messages.asObservable();
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
