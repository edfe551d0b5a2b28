import { type Late, late } from '../../async/late.js';
import type { Clock } from '../../clock.js';
import type { LogHandler } from '../../log/log.js';
import type { Change, ConnectionTrouble } from '../connection-trouble.js';
import { isTroubled } from '../port.js';
import { connectionParts } from './parts.js';

/** Logs the failures of a connection that has no Auth. */
export class LateTrouble {
  readonly #trouble: Late<ConnectionTrouble>;
  #isHeard = false;
  #reason = '';

  constructor(options: { readonly log: LogHandler; readonly clock: Clock }) {
    this.#trouble = late(
      connectionParts.trouble,
      ({ ConnectionTrouble }) => new ConnectionTrouble(options),
      // Without the code for the messages, the reason alone is logged.
      () => options.log(`no connection: ${this.#reason}`, 'warn'),
    );
  }

  heard(change: Change, address: string): void {
    this.#isHeard ||= isTroubled(change.state);
    this.#reason = change.reason?.message ?? 'no reason was given';
    if (this.#isHeard) this.#trouble.run((trouble) => trouble.heard(change, address));
  }

  drop(): void {
    this.#trouble.conclude((trouble) => trouble.drop());
  }
}
