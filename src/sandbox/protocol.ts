import type { WireError } from './fault.js';

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
  message: 15,
  auth: 17,
} as const;

/** Flags of ATTACH and ATTACHED. @see TR3 */
export const flag = {
  resumed: 1 << 2,
  presence: 1 << 16,
  publish: 1 << 17,
  subscribe: 1 << 18,
  presenceSubscribe: 1 << 19,
} as const;

export type Message = Readonly<Record<string, unknown>>;

/** A protocol message, as far as the sandbox looks into it. */
export interface ProtocolMessage {
  readonly action: number;
  readonly id?: string;
  readonly channel?: string;
  readonly flags?: number;
  readonly msgSerial?: number;
  readonly messages?: readonly Message[];
  readonly auth?: { readonly accessToken?: string };
  readonly error?: WireError;
  readonly [field: string]: unknown;
}

/** One end of a connection to a client, whatever carries it. */
export interface Transport {
  send(text: string): void;
  /** Closes it in good order. */
  close(): void;
  /** Lets it break, without a word. */
  cut(): void;
  /** Shows a sign of life that is no message, where there is such a thing. */
  ping(): void;
}

/** A client's frame; undefined when it is not one, in any field that is looked into. */
export function parseMessage(text: string): ProtocolMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is ProtocolMessage {
  if (!isObject(value) || typeof value.action !== 'number') return false;
  const { id, channel, flags, msgSerial, messages, auth } = value;
  return (
    isAbsentOr(id, 'string') &&
    isAbsentOr(channel, 'string') &&
    isAbsentOr(flags, 'number') &&
    isAbsentOr(msgSerial, 'number') &&
    (messages === undefined || (Array.isArray(messages) && messages.every(isObject))) &&
    (auth === undefined || (isObject(auth) && isAbsentOr(auth.accessToken, 'string')))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsentOr(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type;
}
