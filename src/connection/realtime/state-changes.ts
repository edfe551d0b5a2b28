import { Listeners } from '../../async/listeners.js';
import { invalidOption } from '../../checks/option-checks.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import type { LogHandler } from '../../log/log.js';
import type { ConnectionState } from '../port.js';
import { CONNECTION_STATES } from '../states.js';

/** A change of a connection's state, or an update in the same state. @see RTN4f, TA1–TA5 */
export interface ConnectionStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  /** `update`: the connection was re-authenticated in place, and the state is the same. @see RTN24 */
  readonly event: ConnectionState | 'update';
  /** The error that caused the change, if there was one. */
  readonly reason?: ErrorInfo;
  /** ms until the next try, if a try follows by itself. @see RTN14d */
  readonly retryIn?: number;
}

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

const EVENTS: readonly unknown[] = [...CONNECTION_STATES, 'update'];

/**
 * @returns the listener
 * @throws {ErrorInfo} 40003 the event is unknown, or the listener is not a function
 */
export function checkListener<T>(listener: T, event: unknown = 'update'): T {
  if (!EVENTS.includes(event)) throw invalidOption('event', `one of ${EVENTS.join(', ')}`, event);
  if (typeof listener !== 'function') throw invalidOption('listener', 'a function', listener);
  return listener;
}

/** Calls the listeners with the difference between two moments. @see RTN4 */
export class StateChanges {
  readonly #listeners: Listeners<ConnectionStateChange>;
  #told: Pick<Moment, 'state' | 'reason'> = { state: 'initialized', reason: null };

  constructor(log: LogHandler) {
    this.#listeners = new Listeners(log, "a listener of the connection's states");
  }

  add(listener: (change: ConnectionStateChange) => void): () => void {
    return this.#listeners.add(checkListener(listener));
  }

  on(event: ConnectionStateChange['event'], listener: (change: ConnectionStateChange) => void): () => void {
    checkListener(listener, event ?? null);
    return this.add((change) => (change.event === event ? listener(change) : undefined));
  }

  once(event: ConnectionStateChange['event'], listener: (change: ConnectionStateChange) => void): () => void {
    checkListener(listener, event ?? null);
    const stop = this.on(event, (change) => {
      stop();
      return listener(change);
    });
    return stop;
  }

  clear(): void {
    this.#listeners.clear();
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

  tell(change: ConnectionStateChange): void {
    this.#listeners.tell(change);
  }

  tellUpdate(reason: ErrorInfo | undefined): void {
    const update = { previous: 'connected', current: 'connected', event: 'update' } as const;
    this.#listeners.tell(reason === undefined ? update : { ...update, reason });
  }
}

/** A change in the form of the port. */
export function reportedChange({ current: state, reason, retryIn }: ConnectionStateChange) {
  return {
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(retryIn === undefined ? {} : { retryInMs: retryIn }),
  };
}
