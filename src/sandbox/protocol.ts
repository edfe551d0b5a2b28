import type { WireError } from './fault.js';
import { decode, type Format } from './format.js';
import { isListOfRecords, isRecord, withoutNulls } from './record.js';

/** Protocol message actions. @see TR2 */
export const action = {
  heartbeat: 0,
  ack: 1,
  nack: 2,
  connected: 4,
  disconnect: 5,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  attach: 10,
  attached: 11,
  detach: 12,
  detached: 13,
  presence: 14,
  message: 15,
  sync: 16,
  auth: 17,
  object: 19,
  annotation: 21,
  ping: 22,
  pong: 23,
} as const;

/** Flags of ATTACH and ATTACHED. @see TR3 */
export const flag = {
  hasPresence: 1 << 0,
  resumed: 1 << 2,
  presence: 1 << 16,
  publish: 1 << 17,
  subscribe: 1 << 18,
  presenceSubscribe: 1 << 19,
  annotationPublish: 1 << 21,
  annotationSubscribe: 1 << 22,
  objectSubscribe: 1 << 24,
  objectPublish: 1 << 25,
} as const;

export type Message = Readonly<Record<string, unknown>>;

/** A protocol message, with the fields that the sandbox reads. */
export interface ProtocolMessage {
  readonly action: number;
  readonly id?: string;
  readonly channel?: string;
  readonly flags?: number;
  /** The serial of the latest message of a channel. @see RTL4c1 */
  readonly channelSerial?: string;
  /** Channel parameters. @see RTL4k */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly msgSerial?: number;
  readonly messages?: readonly Message[];
  readonly presence?: readonly Message[];
  readonly auth?: { readonly accessToken?: string };
  readonly error?: WireError;
  readonly [field: string]: unknown;
}

/** The contents of one frame: a string in JSON, bytes in MessagePack. */
export type FrameData = string | Uint8Array<ArrayBuffer>;

/** The server's end of a client's transport. */
export interface Transport {
  /** @param lost called if a fault keeps the data from the client */
  send(data: FrameData, lost?: () => void): void;
  /** Closes the transport properly. */
  close(): void;
  /** Breaks the transport without a message. */
  cut(): void;
  /** Sends a sign of life that is not a message, if the transport has one. */
  ping(): void;
}

/** Decodes a client's frame; undefined if it is invalid, in any field that the sandbox reads. */
export function parseMessage(format: Format, data: string | Uint8Array): ProtocolMessage | undefined {
  try {
    const message: unknown = decode(format, data);
    return isMessage(message) ? withoutNulls(message) : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is ProtocolMessage {
  if (!isRecord(value) || !Number.isSafeInteger(value.action)) return false;
  const { id, channel, channelSerial, flags, params, msgSerial, messages, presence, auth } = value;
  return (
    isText(id) &&
    isText(channel) &&
    isText(channelSerial) &&
    (isAbsent(params) || isRecord(params)) &&
    isInteger(flags) &&
    isInteger(msgSerial) &&
    isListOfObjects(messages) &&
    isListOfObjects(presence) &&
    (isAbsent(auth) || (isRecord(auth) && isText(auth.accessToken)))
  );
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isText = (value: unknown): boolean => isAbsent(value) || typeof value === 'string';
const isInteger = (value: unknown): boolean => isAbsent(value) || Number.isSafeInteger(value);
const isListOfObjects = (value: unknown): boolean => isAbsent(value) || isListOfRecords(value);
