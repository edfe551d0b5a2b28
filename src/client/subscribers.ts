import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import type { TokenDetails } from '../token/token-details.js';
import { inThisZone } from '../zones.js';
import { type AuthState, isSameState } from './auth-state.js';
import { AuthEmitter, type AuthEvents } from './events.js';
import { type StreamSupply, Streams } from './token-stream.js';

/** What users gave, by what is called in their zone instead. */
const originals = new WeakMap<object, unknown>();

/** Those who follow a client: by its streams, by its events. What nobody follows is not made. */
export class Subscribers {
  readonly #supply: StreamSupply;
  readonly #log: LogHandler;
  #streams: Streams | undefined;
  #emitter: AuthEmitter | undefined;
  /** The state as those who listen to its event know it. */
  #told: AuthState | undefined;
  #isOver = false;

  constructor(supply: StreamSupply, log: LogHandler) {
    this.#supply = supply;
    this.#log = log;
  }

  /** Whether nobody is told of anything any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get streams(): Streams {
    this.#streams ??= new Streams(this.#supply, this.#log);
    if (this.#isOver) this.#streams.complete();
    return this.#streams;
  }

  /** Whether somebody listens to the tokens. */
  get areTokensHeard(): boolean {
    return this.#streams?.areTokensHeard ?? false;
  }

  add<Name extends keyof AuthEvents>(name: Name, listener: AuthEvents[Name]): void {
    this.#supply.listenedTo();
    this.#emitter ??= new AuthEmitter();
    // Who listens to the state is told of what comes after the present one.
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
   * Each listener hears it, whatever the one before did, unless that was the end. What one throws is
   * logged.
   */
  emit<Name extends keyof AuthEvents>(name: Name, payload: Parameters<AuthEvents[Name]>[0]): void {
    const listeners = (this.#emitter?.listeners(name) ?? []) as ((payload: unknown) => void)[];
    for (const listener of listeners) {
      if (this.#isOver) return;
      callUser(() => listener(payload), faultLog(this.#log, `a listener of '${name}'`));
    }
  }

  /** @param token null: it is forgotten, and the next is a new one whatever it is */
  nextToken(token: TokenDetails | null): void {
    this.#streams?.nextToken(token);
  }

  /** The state may be another one. */
  stateMayHaveChanged(): void {
    const isListenedTo = (this.#emitter?.listenerCount('state') ?? 0) > 0;
    if (!isListenedTo && !this.#streams?.areStatesHeard) return;
    const { state } = this.#supply;
    this.#streams?.nextState(state);
    if (!isListenedTo || (this.#told !== undefined && isSameState(this.#told, state))) return;
    this.#told = state;
    this.emit('state', state);
  }

  /** Nobody is told of anything any more, also not of what is just being told. */
  dispose(): void {
    this.#isOver = true;
    this.#streams?.complete();
    this.#emitter?.removeAllListeners();
  }
}
