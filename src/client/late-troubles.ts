import { type Late, late } from '../async/late.js';
import { isTroubled } from '../connection/port.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import { parts } from './parts.js';
import type { Circumstances, Told, Troubles } from './troubles.js';

/** Logs the failures of a client. The code for the messages is loaded with the first failure. */
export class LateTroubles {
  readonly #troubles: Late<Troubles>;
  #last: Told | undefined;

  constructor(options: ParsedClientOptions) {
    this.#troubles = late(
      parts.troubles,
      ({ Troubles }) => new Troubles(options),
      () => {
        // Without that code, the error alone is logged.
        const error = errorIn(this.#last);
        if (error !== undefined) options.log(`${error.message} (${error.code})`, 'warn');
      },
    );
  }

  hear(told: Told, circumstances: Circumstances): void {
    this.#last = told;
    this.#troubles.run((troubles) => troubles.hear(told, circumstances));
  }

  /** The client was disposed of: nothing more is logged. */
  drop(): void {
    this.#troubles.conclude((troubles) => troubles.drop());
  }
}

/** Whether an event of the client is a failure. */
export const isTrouble = ({ name, payload }: Told): boolean =>
  name === 'connection.changed' ? isTroubled(payload.state) : name.endsWith('failed');

function errorIn(told: Told | undefined): ErrorInfo | undefined {
  if (told?.name === 'connection.changed') return told.payload.reason;
  return told?.name === 'failed' || told?.name === 'renewal.failed' ? told.payload.error : undefined;
}
