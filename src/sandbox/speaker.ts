import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import type { Grant } from './tokens.js';

/** Who says something: over a connection, or by REST. */
export interface Speaker {
  readonly grant: Grant;
  /** `'*'`: anybody. null: nobody. */
  readonly clientId: string | null;
  /** null: it has no connection. */
  readonly connectionId: string | null;
}

/**
 * In whose name a message is: what it says itself, where its speaker may say that.
 * @returns null: nobody's
 * @throws {Fault} 40012 for somebody else's. @see RSA7a1, RSA8f2, RTP14
 */
export function nameOn({ clientId }: Message, speaker: Speaker): string | null {
  if (clientId === undefined || clientId === null) return speaker.clientId === '*' ? null : speaker.clientId;
  if (typeof clientId !== 'string' || clientId === '')
    throw new Fault('invalid client id', 'it is not a name');
  if (speaker.clientId === '*' || speaker.clientId === clientId) return clientId;
  throw new Fault('invalid client id', 'the message is from another client');
}
