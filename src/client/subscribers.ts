import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { inThisZone } from '../surroundings.js';
import type { TokenDetails } from '../token/token-details.js';
import { type AuthState, isSameState } from './auth-state.js';
import { AuthEmitter, type AuthEvents } from './events.js';
import { type StreamSupply, Streams } from './token-stream.js';

/** The user's listeners, by the functions that call them in their zone. */
const originals = new WeakMap<object, unknown>();

/**
 * The subscribers of a client: of its streams and of its events. Streams and emitter are made at their first use.
 */
export class Subscribers {
  readonly #supply: StreamSupply;
  readonly #log: LogHandler;
  #streams: Streams | undefined;
  #emitter: AuthEmitter | undefined;
  /** The state that the listeners of `state` received last. */
  #told: AuthState | undefined;
  #isOver = false;

  constructor(supply: StreamSupply, log: LogHandler) {
    this.#supply = supply;
    this.#log = log;
  }

  /** Whether the client is disposed of: no subscriber hears anything any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get streams(): Streams {
    this.#streams ??= new Streams(this.#supply, this.#log);
    if (this.#isOver) this.#streams.complete();
    return this.#streams;
  }

  /** Whether `token$` has a subscriber. */
  get areTokensHeard(): boolean {
    return this.#streams?.areTokensHeard ?? false;
  }

  add<Name extends keyof AuthEvents>(name: Name, listener: AuthEvents[Name]): void {
    this.#supply.listenedTo();
    this.#emitter ??= new AuthEmitter();
    // A listener of `state` hears of the states after the current one.
    if (this.#emitter.listenerCount('state') === 0) this.#told = this.#supply.state;
    const heard = inThisZone(listener as (payload: unknown) => void);
    if (heard !== listener) originals.set(heard, listener);
    this.#emitter.on(name, heard as never);
  }

  remove<Name extends keyof AuthEvents>(name: Name, listener: AuthEvents[Name]): void {
    for (const heard of this.#emitter?.listeners(name) ?? [])
      if ((originals.get(heard) ?? heard) === listener) this.#emitter?.off(name, heard);
  }

  /**
   * Calls every listener, whatever the listener before did, unless that one disposed of the client. An error that
   * a listener throws is logged.
   */
  emit<Name extends keyof AuthEvents>(name: Name, payload: Parameters<AuthEvents[Name]>[0]): void {
    const listeners = (this.#emitter?.listeners(name) ?? []) as ((payload: unknown) => void)[];
    for (const listener of listeners) {
      if (this.#isOver) return;
      callUser(() => listener(payload), faultLog(this.#log, `a listener of '${name}'`));
    }
  }

  /** @param token null: the token is forgotten, so that the next one is emitted even if it is the same */
  nextToken(token: TokenDetails | null): void {
    this.#streams?.nextToken(token);
  }

  /** Emits the state if it has changed. */
  stateMayHaveChanged(): void {
    const isListenedTo = (this.#emitter?.listenerCount('state') ?? 0) > 0;
    if (!isListenedTo && !this.#streams?.areStatesHeard) return;
    const { state } = this.#supply;
    this.#streams?.nextState(state);
    if (!isListenedTo || (this.#told !== undefined && isSameState(this.#told, state))) return;
    this.#told = state;
    this.emit('state', state);
  }

  /** Ends all streams and removes all listeners. An event that is being emitted reaches no further listener. */
  dispose(): void {
    this.#isOver = true;
    this.#streams?.complete();
    this.#emitter?.removeAllListeners();
  }
}
