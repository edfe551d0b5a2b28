import { boundedWaitMs, type ErrorInfo } from '../../errors/error-info.js';
import { fieldOf } from '../../redaction/received.js';
import { CONNECTION_STATES, type ConnectionReport, type ConnectionState } from '../port.js';

const isState = (state: unknown): state is ConnectionState =>
  CONNECTION_STATES.includes(state as ConnectionState);

/** A state as it is; undefined for what is none. */
export const readState = (state: unknown): ConnectionState | undefined =>
  isState(state) ? state : undefined;

/** The state in an adapter or a report; undefined where it says nothing of use. */
export const stateOf = (given: unknown): ConnectionState | undefined => readState(fieldOf(given, 'state'));

/** No clientId is longer. */
const LONGEST_NAME = 4_096;

/**
 * A copy of what an adapter reported, with nothing else in it; undefined for what is no report.
 * @param cleared any reason, as an error without secrets
 */
export function readReport(
  given: unknown,
  cleared: (reason: unknown) => ErrorInfo,
): ConnectionReport | undefined {
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
