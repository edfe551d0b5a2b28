import { boundedWaitMs, type ErrorInfo } from '../../errors/error-info.js';
import { fieldOf } from '../../redaction/received.js';
import type { ConnectionReport, ConnectionState } from '../port.js';
import { CONNECTION_STATES } from '../states.js';

const isState = (state: unknown): state is ConnectionState =>
  CONNECTION_STATES.includes(state as ConnectionState);

/** A valid state. undefined: the value is no state. */
export const readState = (state: unknown): ConnectionState | undefined =>
  isState(state) ? state : undefined;

/** The state of an adapter or a report. undefined: it has no valid state. */
export const stateOf = (given: unknown): ConnectionState | undefined => readState(fieldOf(given, 'state'));

/** The longest clientId that is accepted. */
const LONGEST_NAME = 4_096;

/**
 * A copy of an adapter's report that contains the known fields only. undefined: the value is no report.
 * @param cleared makes an error without secrets from any reason
 */
export function readReport(
  given: unknown,
  cleared: (reason: unknown) => ErrorInfo,
): ConnectionReport<ErrorInfo> | undefined {
  const type = fieldOf(given, 'type');
  switch (type) {
    case 'token.needed':
    case 'token.asked':
    case 'token.accepted':
      return { type };
    case 'token.refused':
      return { type, error: cleared(fieldOf(given, 'error')) };
    case 'identity.confirmed': {
      const clientId = fieldOf(given, 'clientId');
      const isName = typeof clientId === 'string' && clientId.length <= LONGEST_NAME;
      return isName || clientId === null ? { type, clientId } : undefined;
    }
    case 'connection.changed': {
      const state = stateOf(given);
      if (state === undefined) return undefined;
      const [reason, wait] = [fieldOf(given, 'reason'), boundedWaitMs(fieldOf(given, 'retryInMs'))];
      const told = reason === undefined || reason === null ? {} : { reason: cleared(reason) };
      const next = wait === undefined ? {} : { retryInMs: wait };
      return { type, state, ...told, ...next };
    }
    default:
      return undefined;
  }
}
