import { Listeners } from '../../async/listeners.js';
import { checkListener, checkName } from '../../checks/option-checks.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import type { LogHandler } from '../../log/log.js';
import { callUser, faultLog } from '../../log/user-callback.js';
import { disposed } from '../one-auth.js';
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

const EVENTS: readonly string[] = [...CONNECTION_STATES, 'update'];

/** The name of the listeners in the log. */
const NAME = "a listener of the connection's states";

export type ChangeEvent = ConnectionStateChange['event'];
export type ChangeListener = (change: ConnectionStateChange) => void;

/** The arguments of a call: a listener, after the event or events that it is for. */
export type ListenerArguments = readonly [
  first?: ChangeEvent | readonly ChangeEvent[] | ChangeListener,
  listener?: ChangeListener | undefined,
];

/** The arguments of `whenState()`. */
export type StateArguments = readonly [
  state: ConnectionState,
  listener?: ((change: ConnectionStateChange | null) => void) | undefined,
];

/** A listener as it was added. */
interface Registration {
  readonly listener: ChangeListener;
  /** undefined: all events. */
  events?: readonly unknown[] | undefined;
  /** Present if a promise waits for the change. */
  readonly fail?: ((error: ErrorInfo) => void) | undefined;
}

/** @throws {ErrorInfo} 40003 the listener is not a function, or an event is unknown */
function parse(given: ListenerArguments): Registration {
  const listener = checkListener(given[given.length - 1]) as ChangeListener;
  if (given.length < 2) return { listener };
  const [first] = given;
  const events = [first].flat();
  for (const event of events.length === 0 ? [first] : events) checkName('event', event, EVENTS);
  return { listener, events };
}

/** The listeners of the changes of a connection, and the promises that wait for one. @see RTN4, RTE3 */
export class ChangeListeners {
  readonly #listeners: Listeners<ConnectionStateChange, Registration>;
  readonly #failed: (thrown: unknown) => void;
  #isOver = false;

  constructor(log: LogHandler) {
    this.#listeners = new Listeners(log, NAME);
    this.#failed = faultLog(log, NAME);
  }

  on(given: ListenerArguments, isOnce = false, fail?: Registration['fail']): () => void {
    const one = { ...parse(given), fail };
    const { listener } = one;
    if (!isOnce) return this.#listeners.add(listener, one);
    const stop = this.#listeners.add((change) => {
      stop();
      return listener(change);
    }, one);
    return stop;
  }

  /** With a listener: a function that removes it. Without: a promise. */
  once(given: ListenerArguments): (() => void) | Promise<ConnectionStateChange> {
    const [event] = given;
    return given.length > 1 || typeof event === 'function' ? this.on(given, true) : this.#next(event);
  }

  /** @param event undefined: any */
  #next(event: unknown): Promise<ConnectionStateChange> {
    return new Promise((resolve, fail) => {
      if (this.#isOver) throw disposed();
      this.on(event === undefined ? [resolve] : [event as ChangeEvent, resolve], true, fail);
    });
  }

  /** @param now the current state */
  whenState(now: ConnectionState, given: StateArguments): Promise<ConnectionStateChange | null> | undefined {
    const [state, listener] = given;
    if (given.length < 2) return this.#reached(now, state);
    checkName('state', state, CONNECTION_STATES);
    const hear = checkListener(listener) as (change: ConnectionStateChange | null) => void;
    if (now === state) callUser(() => hear(null), this.#failed);
    else this.on([state, hear], true);
    return undefined;
  }

  async #reached(now: ConnectionState, state: ConnectionState): Promise<ConnectionStateChange | null> {
    checkName('state', state, CONNECTION_STATES);
    return now === state ? null : await this.#next(state);
  }

  /** Removes the listener, or every listener. What a promise waits for stays. */
  off(given: ListenerArguments): void {
    const { listener, events }: Partial<Registration> = given.length === 0 ? {} : parse(given);
    this.#listeners.drop((one) => {
      if (one.fail !== undefined || (listener ?? one.listener) !== one.listener) return false;
      one.events = one.events?.filter((event) => events?.includes(event) === false);
      return events === undefined || one.events?.length === 0;
    });
  }

  /** No listener hears anything any more, and promises reject. */
  dispose(): void {
    this.#isOver = true;
    this.#listeners.drop(({ fail }) => {
      fail?.(disposed());
      return true;
    });
    this.#listeners.dispose();
  }

  tell(change: ConnectionStateChange): void {
    this.#listeners.tell(change, ({ events }) => events?.includes(change.event) !== false);
  }
}
