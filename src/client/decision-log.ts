import { changeInWords } from '../connection/connection-trouble.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { type AuthSnapshot, type AuthState, isSameState, stateOf } from './auth-state.js';
import { decisionOf } from './decision.js';
import { inWords } from './decision-words.js';
import type { AuthEvents } from './events.js';

/** Logs each decision of a client, and each state of its connection, in words. */
export class DecisionLog {
  readonly #options: ParsedClientOptions;
  #told: AuthState | undefined;

  constructor(options: ParsedClientOptions) {
    this.#options = options;
  }

  /** @param moment when it was decided */
  decided(snapshot: AuthSnapshot, moment: { readonly now: number; readonly monotonic: number }): void {
    const { clock, log } = this.#options;
    const then = { ...clock, now: () => moment.now, monotonic: () => moment.monotonic };
    const state = stateOf(snapshot, then);
    const decision = decisionOf(snapshot, state, then);
    const { error, reason } = decision;
    if (reason === null || (this.#told !== undefined && isSameState(this.#told, state))) return;
    this.#told = state;
    log(inWords(decision), 'debug', { reason, error, decision });
  }

  changed(change: Parameters<AuthEvents['connection.changed']>[0]): void {
    const { connection, log } = this.#options;
    const { reason: error } = change;
    log(changeInWords(change, connection?.address), 'debug', { reason: error?.reason, error });
  }
}
