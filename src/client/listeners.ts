import { type AuthState, isSameState } from '../auth-state.js';
import { AuthEmitter, type AuthEvents } from '../events.js';

/** Those who listen to a client's events. */
export class Listeners {
  readonly #emitter = new AuthEmitter();
  /** The state as those who listen to it know it. */
  #told: AuthState | undefined;
  #isOver = false;

  /** Whether somebody wants to know of each state. */
  get wantStates(): boolean {
    return this.#emitter.listenerCount('state') > 0;
  }

  /** @param state the present one: who listens to it is told of what comes after */
  add<Name extends keyof AuthEvents>(name: Name, listener: AuthEvents[Name], state: AuthState): void {
    if (!this.wantStates) this.#told = state;
    this.#emitter.on(name, listener as never);
  }

  remove<Name extends keyof AuthEvents>(name: Name, listener: AuthEvents[Name]): void {
    this.#emitter.off(name, listener as never);
  }

  /** Nobody is told of anything any more, also not of what is just being told. */
  end(): void {
    this.#isOver = true;
    this.#emitter.removeAllListeners();
  }

  /**
   * Each listener hears it, whatever the one before did, unless that was the end. What one throws is
   * reported as uncaught.
   */
  tell<Name extends keyof AuthEvents>(name: Name, payload: Parameters<AuthEvents[Name]>[0]): void {
    for (const listener of this.#emitter.listeners(name) as ((payload: unknown) => void)[]) {
      if (this.#isOver) return;
      try {
        listener(payload);
      } catch (thrown) {
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }

  tellState(state: AuthState): void {
    if (this.#told !== undefined && isSameState(this.#told, state)) return;
    this.#told = state;
    this.tell('state', state);
  }
}
