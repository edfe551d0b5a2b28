import { changeInWords } from '../connection/connection-trouble.js';
import type { LogHandler } from '../log/log.js';
import { type AuthState, isSameState } from './auth-state.js';
import type { Decision } from './decision.js';
import { inWords } from './decision-words.js';
import type { AuthEvents } from './events.js';

/** Logs each decision of a client, and each state of its connection, in words. */
export class DecisionLog {
  readonly #log: LogHandler;
  readonly #address: () => unknown;
  #told: AuthState | undefined;

  /** @param address where the connection connects to */
  constructor(log: LogHandler, address: () => unknown) {
    this.#log = log;
    this.#address = address;
  }

  decided(decision: Decision, state: AuthState): void {
    if (decision.reason === null || (this.#told !== undefined && isSameState(this.#told, state))) return;
    this.#told = state;
    const { error, reason } = decision;
    this.#log(inWords(decision), 'debug', { reason, error, decision });
  }

  changed(change: Parameters<AuthEvents['connection.changed']>[0]): void {
    const { reason: error } = change;
    this.#log(changeInWords(change, this.#address()), 'debug', { reason: error?.reason, error });
  }
}
