import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import type { Grant } from './tokens.js';

/** The sender of a message: over a connection, or by REST. */
export interface Speaker {
  readonly grant: Grant;
  /** `'*'`: any client. null: anonymous. */
  readonly clientId: string | null;
  /** null: the message was sent by REST. */
  readonly connectionId: string | null;
}

/**
 * The `clientId` of a message: its own, if the sender may use it.
 * @returns null: anonymous
 * @throws {Fault} 40012 if the message names another client. @see RSA7a1, RSA8f2, RTP14
 */
export function nameOn({ clientId }: Message, speaker: Speaker): string | null {
  if (clientId === undefined || clientId === null) return speaker.clientId === '*' ? null : speaker.clientId;
  if (typeof clientId !== 'string' || clientId === '')
    throw new Fault('invalid client id', 'clientId must be a string, and not empty');
  if (speaker.clientId === '*' || speaker.clientId === clientId) return clientId;
  throw new Fault('invalid client id', 'the message is from another client');
}
