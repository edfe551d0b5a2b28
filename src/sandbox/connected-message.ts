import type { WireError } from './fault.js';
import { action, type ProtocolMessage } from './protocol.js';

/** How long the state of a connection without a transport is kept. @see CD2f */
export const STATE_TTL_MS = 120_000;

/** The CONNECTED message. An anonymous connection has no `clientId`; one for any client has `*` (RSA7b4). */
export function connectedMessage(
  connection: {
    readonly connectionId: string;
    readonly connectionKey: string;
    readonly clientId: string | null;
    readonly maxIdleMs: number;
  },
  error: WireError | undefined,
): ProtocolMessage {
  const { connectionId, connectionKey, clientId, maxIdleMs } = connection;
  return {
    action: action.connected,
    connectionId,
    connectionKey,
    ...(error === undefined ? {} : { error }),
    connectionDetails: {
      ...(clientId === null ? {} : { clientId }),
      connectionKey,
      maxMessageSize: 65_536,
      maxInboundRate: 250,
      maxOutboundRate: 100,
      maxFrameSize: 524_288,
      serverId: 'sandbox',
      siteCode: 'sandbox',
      connectionStateTtl: STATE_TTL_MS,
      maxIdleInterval: maxIdleMs,
      objectsGCGracePeriod: 86_400_000,
    },
  };
}
