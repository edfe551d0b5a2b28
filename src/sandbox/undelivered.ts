import { action, type ProtocolMessage } from './protocol.js';

/** How much is kept for a connection that is away. */
const MOST = 1_000;

/** What a connection has to hear again, or for the first time, when it is resumed. */
export class Undelivered {
  #messages: ProtocolMessage[] = [];
  /** The latest answers, by the serial of what they answer. */
  readonly #answers = new Map<number, ProtocolMessage>();
  #repeatable = new Map<number, ProtocolMessage>();

  /** Keeps a message for later. @returns whether nothing was lost */
  keep(message: ProtocolMessage): boolean {
    if (message.action !== action.message) return true;
    if (this.#messages.length < MOST) {
      this.#messages.push(message);
      return true;
    }
    this.#messages = [];
    return false;
  }

  answered(msgSerial: number, answer: ProtocolMessage): void {
    this.#answers.set(msgSerial, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST && oldest !== undefined) this.#answers.delete(oldest);
  }

  /** The connection is back. @returns what it has missed */
  resumed(): readonly ProtocolMessage[] {
    const missed = this.#messages;
    this.#messages = [];
    this.#repeatable = new Map(this.#answers);
    return missed;
  }

  /** The answer to what is sent a second time because the first answer got lost, once. @see RTN19a */
  answerAgain(msgSerial: number): ProtocolMessage | undefined {
    const answer = this.#repeatable.get(msgSerial);
    this.#repeatable.delete(msgSerial);
    return answer;
  }
}
