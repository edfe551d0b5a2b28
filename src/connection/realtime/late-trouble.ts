import { type Late, late } from '../../async/late.js';
import type { Clock } from '../../clock.js';
import type { Log, LogHandler } from '../../log/log.js';
import type { Change, ConnectionTrouble, changeInWords } from '../connection-trouble.js';
import { isTroubled } from '../port.js';
import { connectionParts } from './parts.js';

/** Logs the failures of a connection that has no Auth. */
export class LateTrouble {
  readonly #log: LogHandler;
  readonly #trouble: Late<ConnectionTrouble>;
  /** Only with the log level `debug`. */
  readonly #changes: Late<typeof changeInWords> | undefined;
  #isHeard = false;
  #reason = '';

  constructor(options: { readonly log: Log; readonly clock: Clock }) {
    this.#log = options.log;
    if (options.log.isDebug)
      this.#changes = late(
        connectionParts.trouble,
        ({ changeInWords }) => changeInWords,
        () => {},
      );
    this.#trouble = late(
      connectionParts.trouble,
      ({ ConnectionTrouble }) => new ConnectionTrouble(options),
      // Without the code for the messages, the reason alone is logged.
      () => options.log(`no connection: ${this.#reason}`, 'warn'),
    );
  }

  /** With the log level `debug`, each state is logged. */
  tell(change: Change, address: string): void {
    this.#changes?.run((inWords) => {
      const { reason: error } = change;
      this.#log(inWords(change, address), 'debug', { reason: error?.reason, error });
    });
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
