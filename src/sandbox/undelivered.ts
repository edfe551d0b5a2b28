import { STATE_TTL_MS } from './connected-message.js';
import { action, type ProtocolMessage } from './protocol.js';
import { bytesOf, isEphemeral } from './published.js';

/** How much is kept for a connection: messages, and bytes. */
const MOST = 1_000;
const MOST_BYTES = 1024 * 1024;

/** How many answers are kept, because an answer may be lost. */
const MOST_ANSWERS = 250;

/** How much longer than the longest silence a client waits before it gives its transport up, ms; inferred. */
const MARGIN_MS = 10_000;

interface KeptMessage {
  readonly message: ProtocolMessage;
  readonly bytes: number;
  /** When it was sent or kept, ms. */
  readonly at: number;
}

interface KeptAnswer {
  readonly answer: ProtocolMessage;
  readonly at: number;
}

/**
 * What a connection must receive, once or again, when it is resumed. Nothing is kept for longer than a client needs to
 * notice that its transport is dead, and to resume.
 */
export class Undelivered {
  readonly #now: () => number;
  readonly #maxIdleMs: () => number;
  #messages: KeptMessage[] = [];
  #bytes = 0;
  /** Channels of a resumed connection that the client has not attached again (RTN15c6). */
  readonly #waiting = new Set<string>();
  /** Channels with a message that cannot follow any more. */
  readonly #gaps = new Set<string>();
  /** The serial of the latest message that was sent on each attached channel. */
  readonly #sent = new Map<string, number>();
  readonly #answers = new Map<number, KeptAnswer>();
  /** The messages that the client of a resumed connection may repeat. */
  readonly #repeatable = new Set<number>();

  /**
   * @param now a monotonic time, ms
   * @param maxIdleMs the longest silence that the client has to expect, ms
   */
  constructor(now: () => number, maxIdleMs: () => number) {
    this.#now = now;
    this.#maxIdleMs = maxIdleMs;
  }

  /** How many things are kept. */
  get size(): number {
    return this.#messages.length + this.#sent.size + this.#answers.size;
  }

  /** Keeps a message for later. */
  keep(message: ProtocolMessage): void {
    if (!isOfChannel(message)) return;
    const { channel = '', channelSerial } = message;
    const before = Number(channelSerial) - 1;
    if ((this.#sent.get(channel) ?? 0) > before) this.#sent.set(channel, before);
    if (this.#gaps.has(channel)) return;
    const contents = (message.messages ?? message.presence ?? []).filter((one) => !isEphemeral(one));
    if (contents.length === 0) return;
    const bytes = contents.reduce((sum, one) => sum + bytesOf(one), 0);
    const kept = message.messages === undefined ? message : { ...message, messages: contents };
    this.#messages.push({ message: kept, bytes, at: this.#now() });
    this.#bytes += bytes;
    this.#shrink();
  }

  /** Whether a message must be kept because its channel is not attached again yet. */
  holds(message: ProtocolMessage): boolean {
    return isOfChannel(message) && this.#waiting.has(message.channel ?? '');
  }

  sent({ action: what, channel = '', channelSerial }: ProtocolMessage): void {
    if (what === action.message) this.#sent.set(channel, Number(channelSerial));
    this.#shrink();
  }

  /**
   * Whether the client has received, or will receive, what was sent on a channel. The client of a resumed connection
   * tells by the serial of the latest message that it has, if it knows one.
   * @see RTL4c1
   */
  isWhole({ channel = '', channelSerial }: ProtocolMessage): boolean {
    if (this.#gaps.has(channel)) return false;
    if (channelSerial === undefined || !this.#waiting.has(channel)) return true;
    return (this.#sent.get(channel) ?? 0) <= Number(channelSerial);
  }

  answered(msgSerial: number, answer: ProtocolMessage): void {
    // Deleted first, so that the oldest answer stays the first.
    this.#answers.delete(msgSerial);
    this.#answers.set(msgSerial, { answer, at: this.#now() });
    this.#shrink();
  }

  /** The connection was resumed, and has to attach these channels again. */
  resumed(channels: readonly string[]): void {
    this.#shrink();
    this.#waiting.clear();
    for (const channel of channels) this.#waiting.add(channel);
    this.#repeatable.clear();
    for (const msgSerial of this.#answers.keys()) this.#repeatable.add(msgSerial);
  }

  /** The client has attached a channel again. @returns the messages since the connection was lost */
  take(channel: string): readonly ProtocolMessage[] {
    this.#gaps.delete(channel);
    return this.#waiting.delete(channel) ? this.#remove(channel) : [];
  }

  /** The connection is no longer attached to a channel. */
  left(channel: string): void {
    this.#waiting.delete(channel);
    this.#gaps.delete(channel);
    this.#sent.delete(channel);
    this.#remove(channel);
  }

  /**
   * The answer to a message that the client repeats after the first answer was lost; returned once.
   * @see RTN19a
   */
  answerAgain(msgSerial: number): ProtocolMessage | undefined {
    return this.#repeatable.delete(msgSerial) ? this.#answers.get(msgSerial)?.answer : undefined;
  }

  /** Drops what is too old or too much. A channel that loses a message loses the later ones too. */
  #shrink(): void {
    const oldest = this.#now() - this.#maxIdleMs() - MARGIN_MS - STATE_TTL_MS;
    for (const [msgSerial, { at }] of this.#answers) {
      if (at >= oldest && this.#answers.size <= MOST_ANSWERS) break;
      this.#answers.delete(msgSerial);
    }
    for (let first = this.#messages[0]; first !== undefined; first = this.#messages[0]) {
      if (first.at >= oldest && this.#messages.length <= MOST && this.#bytes <= MOST_BYTES) break;
      const { channel = '' } = first.message;
      this.#gaps.add(channel);
      this.#remove(channel);
    }
  }

  #remove(channel: string): readonly ProtocolMessage[] {
    const removed = this.#messages.filter(({ message }) => message.channel === channel);
    if (removed.length === 0) return [];
    this.#messages = this.#messages.filter(({ message }) => message.channel !== channel);
    this.#bytes -= removed.reduce((sum, { bytes }) => sum + bytes, 0);
    return removed.map(({ message }) => message);
  }
}

const isOfChannel = (message: ProtocolMessage): boolean =>
  message.action === action.message || message.action === action.presence;
