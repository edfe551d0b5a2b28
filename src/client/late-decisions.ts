import { type Late, late } from '../async/late.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { type AuthSnapshot, stateOf } from './auth-state.js';
import { decisionOf } from './decision.js';
import type { DecisionLog } from './decision-log.js';
import type { AuthEvents } from './events.js';
import { parts } from './parts.js';

/** Logs the decisions of a client whose log level is `debug`. The code for the words is loaded with the first one. */
export class LateDecisions {
  readonly #options: ParsedClientOptions;
  readonly #log: Late<DecisionLog>;

  constructor(options: ParsedClientOptions) {
    this.#options = options;
    this.#log = late(
      parts.decisionLog,
      ({ DecisionLog }) => new DecisionLog(options.log, () => options.connection?.address),
      () => {},
    );
  }

  /** What was decided is written down now, and told when the code is there. */
  decided(snapshot: AuthSnapshot): void {
    const { clock } = this.#options;
    const state = stateOf(snapshot, clock);
    const decision = decisionOf(snapshot, state, clock);
    this.#log.run((log) => log.decided(decision, state));
  }

  changed(change: Parameters<AuthEvents['connection.changed']>[0]): void {
    this.#log.run((log) => log.changed(change));
  }
}
