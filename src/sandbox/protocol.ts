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

/** A protocol message, as far as the sandbox looks into it. */
export interface ProtocolMessage {
  readonly action: number;
  readonly id?: string;
  readonly channel?: string;
  readonly msgSerial?: number;
  readonly messages?: readonly Readonly<Record<string, unknown>>[];
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
}

export function parseMessage(text: string): ProtocolMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (
      typeof message === 'object' &&
      message !== null &&
      typeof (message as ProtocolMessage).action === 'number'
    ) {
      return message as ProtocolMessage;
    }
  } catch {
    // Told by the result.
  }
  return undefined;
}
