import type { ConnectionEvent } from '../../../machines/connection-context.js';
import { boundedWaitMs, ErrorInfo, isErrorInfo } from '../../errors/error-info.js';
import { redaction, shownText } from '../../errors/redaction.js';
import { adviceFor } from '../../errors/remedies.js';
import { fieldOf, isTooDeep, textIn } from '../../redaction/received.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { Secret } from '../../token/secret.js';

/** A message of Ably's realtime protocol. @see TR1–TR4 */
export interface ProtocolMessage {
  readonly action: number;
  readonly [field: string]: unknown;
}

/** The protocol actions that the connection handles itself. @see TR2 */
export const action = {
  heartbeat: 0,
  connected: 4,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  auth: 17,
  ping: 22,
  pong: 23,
} as const;

/** The message in a frame, or a description of the problem if there is none. A bad frame is tolerated (RTF1). */
export function parseMessage(data: unknown): ProtocolMessage | string {
  // This connection requests JSON, which is sent as text.
  if (typeof data !== 'string') return 'it is not text';
  if (isTooDeep(data)) return 'it is nested too deep';
  try {
    const message: unknown = JSON.parse(data);
    const action = fieldOf(message, 'action');
    const isMessage = Number.isSafeInteger(action) && Number(action) >= 0;
    return isMessage ? (message as ProtocolMessage) : 'it has no action';
  } catch {
    return 'it is not JSON';
  }
}

/** A message of the server as an event of the machine. undefined: the message is not for the connection. */
export function eventOf(message: ProtocolMessage, secrets: SecretStore): ConnectionEvent | undefined {
  switch (message.action) {
    case action.connected:
      return connectedEvent(message, secrets);
    case action.disconnected:
      return { type: 'server.disconnected', error: errorOf(message, secrets) };
    case action.error:
      // RTN14g, RTN15j: an error with a channel belongs to that channel.
      return typeof message.channel === 'string' && message.channel !== ''
        ? undefined
        : { type: 'server.failed', error: errorOf(message, secrets, NOT_RETRIED) };
    case action.closed:
      return { type: 'server.closed' };
    case action.auth:
      return { type: 'server.asked' };
    default:
      return undefined;
  }
}

/** The longest silence of the server, ms, if the message states it. At most an hour. @see CD2h */
export function maxIdleMs({ connectionDetails }: ProtocolMessage): number | undefined {
  return spanIn(connectionDetails, 'maxIdleInterval');
}

/** A number of ms above zero. undefined: any other value. */
function spanIn(details: unknown, name: string): number | undefined {
  const ms = fieldOf(details, name);
  return typeof ms === 'number' && ms > 0 ? boundedWaitMs(ms) : undefined;
}

/** The longest id, key or name. A longer one would make an address that no server accepts. */
export const LONGEST_NAME = 4_096;

/** CD1: the details may be missing. Then nothing is known. */
function connectedEvent(message: ProtocolMessage, secrets: SecretStore): ConnectionEvent {
  const { connectionDetails, connectionId, error } = message;
  const key = textIn(connectionDetails, 'connectionKey');
  const clientId = textIn(connectionDetails, 'clientId') ?? null;
  const id = typeof connectionId === 'string' ? connectionId : null;
  if (key !== undefined) secrets.note('request', key);
  if ([key, clientId, id].some((name) => (name?.length ?? 0) > LONGEST_NAME)) return tooLongAName();
  return {
    type: 'server.connected',
    id,
    key: key === undefined ? null : new Secret(key, 'connectionKey'),
    clientId,
    // A value that is not a finite number says nothing.
    stateTtlMs: Number.isFinite(fieldOf(connectionDetails, 'connectionStateTtl'))
      ? spanIn(connectionDetails, 'connectionStateTtl')
      : undefined,
    error: isAbsent(error) ? undefined : errorOf(message, secrets),
  };
}

/** A part of a clientId is not the clientId. */
function tooLongAName(): ConnectionEvent {
  const message = `the server's CONNECTED has an id, a key or a clientId of more than ${LONGEST_NAME} letters`;
  return { type: 'transport.lost', error: new ErrorInfo({ code: 80003, message }) };
}

/** Replaces the advice for lost connections, which connect again by themselves. */
const NOT_RETRIED = 'The server gave no reason, and the connection is not retried by itself: call connect().';

/**
 * An error without the two numbers still may say something.
 * @param remediation where the server says nothing that can be read
 */
function errorOf({ error }: ProtocolMessage, secrets: SecretStore, remediation?: string): ErrorInfo {
  const known = secrets.all();
  const full = redaction();
  const told = full?.errorOfServer(error, known);
  if (told !== undefined) return told;
  const said = textIn(error, 'message') ?? '';
  const message = 'the server ended the connection';
  if (full === undefined && isErrorInfo(error)) {
    const { code, statusCode } = error;
    return new ErrorInfo({ code, statusCode, message, origin: 'server' });
  }
  return new ErrorInfo({
    code: 80003,
    message: said === '' ? message : `${message}: ${shownText(said, known)}`,
    remediation: remediation ?? adviceFor(80003),
    origin: 'server',
  });
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
