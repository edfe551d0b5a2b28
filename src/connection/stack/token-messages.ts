import { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, textIn } from '../../redaction/received.js';
import type { TokenDetails } from '../../token/token-details.js';

interface Waiting {
  readonly id: number;
  resolve(value: undefined): void;
  reject(error: ErrorInfo): void;
}

/** The message with a token. Its answer has the same id. */
export interface TokenMessage {
  readonly type: 'authenticate';
  readonly id: number;
  readonly token: string;
}

/** Tokens in messages, as the servers of `latchkey/server/ws` and `latchkey/server/graphql-ws` take and answer them. */
export class TokenMessages {
  #isInPlace: boolean;
  #waiting: Waiting | null = null;
  #last = 0;

  /** @param isInPlace whether the server takes tokens so. A server that asks for one does */
  constructor(isInPlace: boolean) {
    this.#isInPlace = isInPlace;
  }

  /** Sends a token. undefined: the server takes none in place */
  present({ token }: TokenDetails, send: (message: TokenMessage) => void): Promise<undefined> | undefined {
    if (!this.#isInPlace) return undefined;
    this.#last += 1;
    const id = this.#last;
    send({ type: 'authenticate', id, token });
    return new Promise((resolve, reject) => {
      this.#waiting = { id, resolve, reject };
    });
  }

  /**
   * Reads a message.
   *
   * - `asked`: the server asks for a token.
   * - `accepted`, or an error: the answer to the token that the connection was opened with.
   * - `answered`: the answer to a token that was presented here, also to one that another has replaced since.
   * - `unknown`: the server sent ours back, because it knows nothing of tokens in messages.
   */
  hear(message: unknown): 'asked' | 'accepted' | 'answered' | 'unknown' | ErrorInfo | undefined {
    const [type, id] = [fieldOf(message, 'type'), fieldOf(message, 'id')];
    if (type === 'token.asked') {
      this.#isInPlace = true;
      return 'asked';
    }
    if (id === undefined && type === 'accepted') return 'accepted';
    if (id === undefined && type === 'refused') return refusal(message);
    const waiting = this.#waiting;
    if (waiting === null || id !== waiting.id) {
      const isOfOlder = typeof id === 'number' && id > 0 && id <= this.#last;
      return isOfOlder && (type === 'accepted' || type === 'refused') ? 'answered' : undefined;
    }
    this.#waiting = null;
    if (type === 'accepted') waiting.resolve(undefined);
    else if (type === 'refused') waiting.reject(refusal(message));
    else this.#isInPlace = false;
    return this.#isInPlace ? 'answered' : 'unknown';
  }
}

function refusal(message: unknown): ErrorInfo {
  const code = fieldOf(message, 'code');
  const text = textIn(message, 'message') ?? 'the server refused the token';
  const known = Number.isSafeInteger(code) ? Number(code) : 40140;
  return new ErrorInfo({ code: known, message: text, origin: 'server' });
}
