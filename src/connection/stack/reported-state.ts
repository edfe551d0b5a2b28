import { checkListener } from '../../checks/option-checks.js';
import { type Clock, holdWhile, type LetGo } from '../../clock.js';
import { soon } from '../../platform/globals.js';
import { servesAnother } from '../one-auth.js';
import { type ConnectionReport, type ConnectionState, isAtRest, type ReportedError } from '../port.js';

/** What an Auth knows of a connection: its state, and whose it is. */
export class ReportedState {
  readonly #clock: Clock;
  #state: ConnectionState = 'initialized';
  #clientId: string | null | undefined;
  #listener: ((report: ConnectionReport) => void) | null = null;
  #letGo: LetGo;
  /** The connection waits for the next push. Nothing is open. */
  isAsking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get name(): ConnectionState {
    return this.#state;
  }

  /** The stack may report something: the connection neither waits for a push nor is at rest. */
  get isUsed(): boolean {
    return !this.isAsking && !isAtRest(this.#state);
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    checkListener(listener);
    if (this.#listener !== null) throw servesAnother();
    this.#listener = listener;
    const { isAsking } = this;
    soon(() => {
      if (this.#listener !== listener) return;
      if (this.#state === 'connected') this.#identify();
      if (isAsking && this.isAsking) this.report({ type: 'token.needed' });
    });
    return () => {
      if (this.#listener === listener) this.detach();
    };
  }

  detach(): void {
    this.#listener = null;
  }

  become(state: ConnectionState, reason?: ReportedError, retryInMs?: number): void {
    if (state === this.#state) return;
    this.#state = state;
    // A connection that means to come back keeps a process alive.
    const isComing = state === 'connecting' || state === 'disconnected';
    this.#letGo = holdWhile(isComing, this.#letGo, { clock: this.#clock, keepAlive: true });
    const why = reason === undefined ? {} : { reason };
    const when = retryInMs === undefined ? {} : { retryInMs };
    this.report({ type: 'connection.changed', state, ...why, ...when });
  }

  /** Connected, as this client. undefined: it is not known whose the connection is. */
  connected(clientId: string | null | undefined): void {
    this.#clientId = clientId;
    this.become('connected');
    this.#identify();
  }

  report(report: ConnectionReport): void {
    this.#listener?.(report);
  }

  #identify(): void {
    const clientId = this.#clientId;
    if (clientId !== undefined) this.report({ type: 'identity.confirmed', clientId });
  }
}
