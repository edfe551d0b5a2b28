import { type Late, late } from '../../async/late.js';
import type { Clock } from '../../clock.js';
import type { Log } from '../../log/log.js';
import type { Change, ConnectionTrouble, changeInWords } from '../connection-trouble.js';
import { isTroubled } from '../port.js';
import { connectionParts } from './parts.js';

/** A connection. Its address is worked out when it is read. */
type Addressed = { readonly address: string };

/** Logs the failures of a connection that has no Auth. */
export class LateTrouble {
  readonly #options: { readonly log: Log; readonly clock: Clock };
  /** Most connections have no trouble, so this is made at the first one. */
  #trouble: Late<ConnectionTrouble> | undefined;
  /** Only with the log level `debug`. */
  readonly #changes: Late<typeof changeInWords> | undefined;
  #reason = '';

  constructor(options: { readonly log: Log; readonly clock: Clock }) {
    this.#options = options;
    if (options.log.isDebug)
      this.#changes = late(connectionParts.trouble, ({ changeInWords }) => changeInWords);
  }

  /** With the log level `debug`, each state is logged. */
  tell(change: Change, connection: Addressed): void {
    if (this.#changes === undefined) return;
    const { address } = connection;
    this.#changes.run((inWords) => {
      const { reason: error } = change;
      this.#options.log(inWords(change, address), 'debug', { reason: error?.reason, error });
    });
  }

  heard(change: Change, connection: Addressed): void {
    this.#reason = change.reason?.message ?? 'no reason was given';
    if (isTroubled(change.state)) this.#trouble ??= this.#make();
    if (this.#trouble === undefined) return;
    const { address } = connection;
    this.#trouble.run((trouble) => trouble.heard(change, address));
  }

  drop(): void {
    this.#trouble?.conclude((trouble) => trouble.drop());
  }

  #make(): Late<ConnectionTrouble> {
    return late(
      connectionParts.trouble,
      ({ ConnectionTrouble }) => new ConnectionTrouble(this.#options),
      // Without the code for the messages, the reason alone is logged.
      () => this.#options.log(`no connection: ${this.#reason}`, 'warn'),
    );
  }
}
