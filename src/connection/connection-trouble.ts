import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { shownAddress } from '../log/shown-address.js';
import { oneLine, Trouble } from '../log/trouble.js';
import type { ConnectionChange } from './port.js';

/** If the connection got no token, the log says so where the token is requested. */
const NO_TOKEN = 80019;

/** The connection was ended on purpose. */
const ENDED = 80017;

/** What a change of the connection's state says. */
export type Change = Omit<ConnectionChange, 'type'>;

/** A change of state as a line of the log. */
export function changeInWords({ state, reason, retryInMs }: Change, address: unknown): string {
  const where = typeof address === 'string' ? ` to ${shownAddress(address)}` : '';
  const why = reason === undefined ? '' : `: ${reason.message} (${reason.code})`;
  const next = retryInMs === undefined ? '' : `; next try in ${Math.round(retryInMs)} ms`;
  return oneLine(`the connection${where} is ${state}${why}${next}`);
}

/** Logs the failures of a connection. It reads the changes of its state. */
export class ConnectionTrouble extends Trouble {
  /**
   * @param address the address of the connection, if it is known
   * @param known an error that is logged elsewhere
   */
  heard({ state, reason: error, retryInMs }: Change, address?: string, known?: ErrorInfo | null): void {
    const isFinal = state === 'failed';
    // A token that cannot be renewed is told with the error that it is the cause of.
    const behind = isOwnError(known?.cause) ? known.cause : null;
    const isTold = error !== undefined && (isSame(error, known) || isSame(error, behind));
    const isKnown = error?.code === NO_TOKEN || isTold;
    if (state === 'connected') this.over();
    else if (isFinal || state === 'disconnected' || state === 'suspended') {
      const subject = typeof address === 'string' ? `connection to ${shownAddress(address)}` : 'connection';
      if (isFinal && (isKnown || error?.code === ENDED)) this.drop();
      else if (!isKnown) this.failed({ subject, error, retryInMs }, isFinal);
    } else if (state !== 'connecting') this.drop();
  }
}

const isSame = (a: ErrorInfo, b: ErrorInfo | null | undefined): boolean =>
  a.code === b?.code && a.message === b.message;
