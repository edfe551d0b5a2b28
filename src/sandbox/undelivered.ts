import { action, type ProtocolMessage } from './protocol.js';
import { bytesOf } from './published.js';

/** How much is kept for a connection without a transport: messages, and bytes. */
const MOST = 1_000;
const MOST_BYTES = 1024 * 1024;

/** How many answers are kept, because an answer may be lost. */
const MOST_ANSWERS = 250;

/** What a connection must receive, once or again, when it is resumed. */
export class Undelivered {
  #messages: ProtocolMessage[] = [];
  #bytes = 0;
  /** Channels of a resumed connection that the client has not attached again (RTN15c6). */
  #waiting: ReadonlySet<string> = new Set();
  /** The serial of the latest message that was sent on each channel. */
  readonly #sent = new Map<string, number>();
  readonly #answers = new Map<number, ProtocolMessage>();
  #repeatable = new Map<number, ProtocolMessage>();

  /** Keeps a message for later. @returns false if messages were lost */
  keep(message: ProtocolMessage): boolean {
    if (!isOfChannel(message)) return true;
    const { channel = '', channelSerial } = message;
    const before = Number(channelSerial) - 1;
    if ((this.#sent.get(channel) ?? 0) > before) this.#sent.set(channel, before);
    const contents = message.messages ?? message.presence ?? [];
    this.#bytes += contents.reduce((sum, one) => sum + bytesOf(one), 0);
    if (this.#messages.length < MOST && this.#bytes <= MOST_BYTES) {
      this.#messages.push(message);
      return true;
    }
    this.#messages = [];
    this.#bytes = 0;
    return false;
  }

  /** Whether a message must be kept because its channel is not attached again yet. */
  holds(message: ProtocolMessage): boolean {
    return isOfChannel(message) && this.#waiting.has(message.channel ?? '');
  }

  sent({ action: what, channel = '', channelSerial }: ProtocolMessage): void {
    if (what === action.message) this.#sent.set(channel, Number(channelSerial));
  }

  /**
   * Whether the client of a resumed connection has received what was sent on a channel. A client tells by the
   * serial of the latest message that it has, if it knows one.
   * @see RTL4c1
   */
  isWhole({ channel = '', channelSerial }: ProtocolMessage): boolean {
    if (channelSerial === undefined || !this.#waiting.has(channel)) return true;
    return (this.#sent.get(channel) ?? 0) <= Number(channelSerial);
  }

  answered(msgSerial: number, answer: ProtocolMessage): void {
    this.#answers.set(msgSerial, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
  }

  /** The connection was resumed, and has to attach these channels again. */
  resumed(channels: readonly string[]): void {
    this.#waiting = new Set(channels);
    this.#repeatable = new Map(this.#answers);
  }

  /** The client has attached a channel again. @returns the messages since the connection was lost */
  take(channel: string): readonly ProtocolMessage[] {
    if (!this.#waiting.has(channel)) return [];
    this.#waiting = new Set([...this.#waiting].filter((one) => one !== channel));
    const missed = this.#messages.filter((message) => message.channel === channel);
    this.#messages = this.#messages.filter((message) => message.channel !== channel);
    if (this.#messages.length === 0) this.#bytes = 0;
    return missed;
  }

  /**
   * The answer to a message that the client repeats after the first answer was lost; returned once.
   * @see RTN19a
   */
  answerAgain(msgSerial: number): ProtocolMessage | undefined {
    const answer = this.#repeatable.get(msgSerial);
    this.#repeatable.delete(msgSerial);
    return answer;
  }
}

const isOfChannel = (message: ProtocolMessage): boolean =>
  message.action === action.message || message.action === action.presence;
