import { encode, type Format } from './format.js';
import type { FrameData, ProtocolMessage } from './protocol.js';
import { inJson } from './published.js';

/** Encodes a protocol message for sending. */
export function frameOf(message: ProtocolMessage, format: Format): FrameData {
  if (format === 'msgpack') return encode(format, message);
  const { messages, presence } = message;
  if (messages !== undefined) return encode(format, { ...message, messages: messages.map(inJson) });
  if (presence !== undefined) return encode(format, { ...message, presence: presence.map(inJson) });
  return JSON.stringify(message);
}
