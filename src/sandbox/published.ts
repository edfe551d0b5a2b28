import { lengthOf, toBase64 } from '#sandbox-bytes';
import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import { isRecord } from './record.js';

/** The highest size of all messages of one publish, bytes. @see CD2c */
const MAX_MESSAGE_BYTES = 65_536;

/** The highest number of messages in one publish. */
const MOST_AT_ONCE = 1_000;

/** The fields of a message, or of a presence member, that the sender may set. */
const kept = ['id', 'name', 'clientId', 'data', 'encoding', 'extras'] as const;

/**
 * A client's messages, with only the fields that a client may set.
 * @throws {Fault} 40000 for a field of the wrong type, 40009
 */
export function readPublished(given: readonly Message[]): readonly Message[] {
  if (given.length > MOST_AT_ONCE) throw new Fault('malformed request', 'there are too many messages');
  const messages = given.map((message) => {
    const own = Object.fromEntries(
      kept.flatMap((name) => {
        const value = message[name];
        return value === undefined || value === null ? [] : [[name, value]];
      }),
    );
    for (const name of ['id', 'name', 'encoding']) {
      if (own[name] !== undefined && typeof own[name] !== 'string') {
        throw new Fault('malformed request', `${name} must be a string`);
      }
    }
    if (own.extras !== undefined && !isRecord(own.extras))
      throw new Fault('malformed request', 'extras must be an object');
    return own;
  });
  const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new Fault('maximum message length exceeded', `${bytes} bytes, of ${MAX_MESSAGE_BYTES}`);
  }
  return messages;
}

/** Whether a message is not stored: it is not in the history, and does not follow when a connection is resumed. */
export function isEphemeral({ extras }: Message): boolean {
  return isRecord(extras) && extras.ephemeral === true;
}

/** The size of a message: data, name, clientId and extras. @see TO3l8 */
export function bytesOf({ name, clientId, data, extras }: Message): number {
  return [name, clientId, data, extras].reduce((sum: number, value) => sum + bytesOfValue(value), 0);
}

function bytesOfValue(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value === 'string') return lengthOf(value);
  if (value instanceof Uint8Array) return value.length;
  return lengthOf(JSON.stringify(value) ?? '');
}

/** JSON has no bytes, so they are written as Base64, and `encoding` says so. @see RSL4d1, RSL6 */
export function inJson(message: Message): Message {
  const { data, encoding } = message;
  if (!(data instanceof Uint8Array)) return message;
  const steps = typeof encoding === 'string' && encoding !== '' ? `${encoding}/base64` : 'base64';
  return { ...message, data: toBase64(data), encoding: steps };
}
