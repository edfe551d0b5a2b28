import { fromCallback } from 'xstate';
import type { TransportCommand, TransportInput } from '../../machines/connection.machine.js';
import type { ConnectionEvent, ConnectionPorts } from '../../machines/connection-context.js';
import type { Clock, TimerHandle } from '../clock.js';
import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../http/foreign-message.js';
import { Sealed } from '../token/sealed.js';
import type { WebSocketLike } from './websocket.js';

/** What opening a transport needs, besides what the machine needs. */
export interface TransportPorts extends ConnectionPorts {
  readonly clock: Clock;
  /** How long after its longest silence a transport counts as lost, ms. @see RTN23a */
  readonly graceMs: number;
  open(token: string, resume: string | null): WebSocketLike;
  /** The socket of the transport that is up, or none. */
  opened(socket: WebSocketLike | null): void;
  /** A protocol message that is not the connection's own business. */
  passOn(message: ProtocolMessage): void;
}

/** A message of Ably's realtime protocol. @see TR1–TR4 */
export interface ProtocolMessage {
  readonly action: number;
  readonly [field: string]: unknown;
}

/** Protocol message actions a connection deals with itself. @see TR2 */
const action = {
  heartbeat: 0,
  connected: 4,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  auth: 17,
} as const;

/** One transport: a socket's life, told to the machine in its own words. */
export const transport = fromCallback<TransportCommand, TransportInput>(({ input, receive, sendBack }) => {
  const ports = input.ports.open() as TransportPorts;
  const tell = (event: ConnectionEvent) => sendBack(event);
  const lost = (message: string) =>
    tell({ type: 'transport.lost', error: new ErrorInfo({ code: 80003, message }) });
  let maxSilenceMs = Number.POSITIVE_INFINITY;
  let silence: TimerHandle;
  let socket: WebSocketLike | undefined;

  const heard = () => {
    ports.clock.clearTimeout(silence);
    silence = ports.clock.setTimeout(() => lost('nothing was heard from the server'), maxSilenceMs);
  };
  const take = (message: ProtocolMessage) => {
    const details = message.connectionDetails as Details | undefined;
    const idle = details?.maxIdleInterval;
    if (typeof idle === 'number' && idle > 0) maxSilenceMs = idle + ports.graceMs;
    heard();
    const event = eventOf(message, details);
    if (event !== undefined) tell(event);
    else if (message.action !== action.heartbeat || typeof message.id === 'string') ports.passOn(message);
  };

  try {
    socket = ports.open(input.token?.open().token ?? '', input.resume?.open() ?? null);
  } catch (cause) {
    tell({
      type: 'transport.lost',
      error: new ErrorInfo({ code: 80003, message: 'no socket could be made', cause }),
    });
    return () => {};
  }
  socket.onmessage = (event: { data: unknown }) => {
    const message = parse(event.data);
    if (message !== undefined) take(message);
  };
  socket.onopen = () => ports.opened(socket ?? null);
  socket.onclose = () => lost('the transport was lost');
  socket.onerror = () => lost('the transport broke');
  receive((command) => {
    const message =
      command.type === 'authenticate'
        ? { action: action.auth, auth: { accessToken: command.token.open().token } }
        : { action: action.close };
    socket?.send(JSON.stringify(message));
  });
  return () => {
    ports.clock.clearTimeout(silence);
    ports.opened(null);
    if (socket === undefined) return;
    socket.onmessage = null;
    socket.onopen = null;
    socket.onclose = null;
    // Closing a socket that is still opening makes some of them emit an error.
    socket.onerror = () => {};
    socket.close();
  };
});

interface Details {
  readonly clientId?: unknown;
  readonly connectionKey?: unknown;
  readonly connectionStateTtl?: unknown;
  readonly maxIdleInterval?: unknown;
}

/** A server's message as the machine's event; undefined for what is not the connection's business. */
function eventOf(message: ProtocolMessage, details: Details = {}): ConnectionEvent | undefined {
  switch (message.action) {
    case action.connected: {
      const { clientId, connectionKey, connectionStateTtl } = details;
      return {
        type: 'server.connected',
        id: String(message.connectionId ?? ''),
        key: typeof connectionKey === 'string' ? new Sealed(connectionKey, 'connectionKey') : null,
        clientId: typeof clientId === 'string' ? clientId : null,
        stateTtlMs: typeof connectionStateTtl === 'number' ? connectionStateTtl : undefined,
        error: message.error === undefined ? undefined : errorOf(message),
      };
    }
    case action.disconnected:
      return { type: 'server.disconnected', error: errorOf(message) };
    case action.error:
      return message.channel === undefined ? { type: 'server.failed', error: errorOf(message) } : undefined;
    case action.closed:
      return { type: 'server.closed' };
    case action.auth:
      return { type: 'server.asked' };
    default:
      return undefined;
  }
}

function errorOf({ error }: ProtocolMessage): ErrorInfo {
  if (!isErrorInfo(error)) return new ErrorInfo({ code: 80003, message: 'the server ended the connection' });
  const { code, statusCode, message, href } = error;
  return new ErrorInfo({ code, statusCode, message: maskForeign(String(message)), href });
}

function parse(data: unknown): ProtocolMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    const isMessage = typeof message === 'object' && message !== null && 'action' in message;
    return isMessage && typeof message.action === 'number' ? (message as ProtocolMessage) : undefined;
  } catch {
    return undefined;
  }
}
