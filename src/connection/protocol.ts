import type { ConnectionEvent } from '../../machines/connection-context.js';
import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { Sealed } from '../token/sealed.js';

/** A message of Ably's realtime protocol. @see TR1–TR4 */
export interface ProtocolMessage {
  readonly action: number;
  readonly [field: string]: unknown;
}

/** Protocol message actions a connection deals with itself. @see TR2 */
export const action = {
  heartbeat: 0,
  connected: 4,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  auth: 17,
} as const;

/** A frame as a message; undefined for what is none, which is tolerated (RTF1). */
export function parseMessage(data: unknown): ProtocolMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    const isMessage = typeof message === 'object' && message !== null && 'action' in message;
    return isMessage && typeof message.action === 'number' ? (message as ProtocolMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** A server's message as the machine's event; undefined for what is not the connection's business. */
export function eventOf(message: ProtocolMessage): ConnectionEvent | undefined {
  switch (message.action) {
    case action.connected:
      return connectedEvent(message);
    case action.disconnected:
      return { type: 'server.disconnected', error: errorOf(message) };
    case action.error:
      // RTN14g, RTN15j: with a channel it is that channel's error.
      return isAbsent(message.channel) || message.channel === ''
        ? { type: 'server.failed', error: errorOf(message) }
        : undefined;
    case action.closed:
      return { type: 'server.closed' };
    case action.auth:
      return { type: 'server.asked' };
    default:
      return undefined;
  }
}

/** The longest silence of the server, ms, if the message tells it. @see CD2h */
export function maxIdleMs(message: ProtocolMessage): number | undefined {
  const { maxIdleInterval } = detailsOf(message);
  return typeof maxIdleInterval === 'number' && maxIdleInterval > 0 ? maxIdleInterval : undefined;
}

interface Details {
  readonly clientId?: unknown;
  readonly connectionKey?: unknown;
  readonly connectionStateTtl?: unknown;
  readonly maxIdleInterval?: unknown;
}

/** CD1: the details may be missing, and then nothing is known. */
function detailsOf({ connectionDetails }: ProtocolMessage): Details {
  return typeof connectionDetails === 'object' && connectionDetails !== null ? connectionDetails : {};
}

function connectedEvent(message: ProtocolMessage): ConnectionEvent {
  const { clientId, connectionKey, connectionStateTtl } = detailsOf(message);
  const { connectionId } = message;
  return {
    type: 'server.connected',
    id: typeof connectionId === 'string' ? connectionId : null,
    key: typeof connectionKey === 'string' ? new Sealed(connectionKey, 'connectionKey') : null,
    clientId: typeof clientId === 'string' ? clientId : null,
    stateTtlMs: typeof connectionStateTtl === 'number' ? connectionStateTtl : undefined,
    error: isAbsent(message.error) ? undefined : errorOf(message),
  };
}

function errorOf({ error }: ProtocolMessage): ErrorInfo {
  if (!isErrorInfo(error))
    return new ErrorInfo({ code: 80003, message: 'the server ended the connection', origin: 'server' });
  const { code, statusCode, message, href } = error;
  return new ErrorInfo({
    code,
    statusCode,
    message: maskForeign(String(message)),
    href: typeof href === 'string' ? href : undefined,
    origin: 'server',
  });
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
