import { ErrorInfo } from '../../errors/error-info.js';
import { callUser } from '../../log/user-callback.js';
import { closeReason, EXPIRED, reasonFor } from '../close-reason.js';
import { LiveToken, type LiveTokenOptions } from '../live-token.js';
import { answerMessage, closeCodeFor, type MessageId } from '../token-answer.js';
import type { VerifiedToken } from '../verified-token.js';
import { presentedIn, type ServerMessage } from './wire.js';

/** A socket of the package `ws`, on the server. */
export interface ServerSocket {
  /** The bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Sends a text message. */
  send(data: string): void;
  /** Begins the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends the socket at once. */
  terminate(): void;
  /** Adds a listener of `message`, `error` or `close`. */
  on(name: string, listener: (...given: never[]) => void): unknown;
}

/** The request that opens a connection, as `node:http` has it. */
export interface UpgradeRequest {
  readonly headers: { readonly 'sec-websocket-protocol'?: string | undefined };
  readonly url?: string | undefined;
}

/** Receives the messages of the application on a connection. */
export type MessageListener = (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => void;

/** With which codes a connection is closed. */
const CLOSE = {
  malformed: 4400,
  tokenNeeded: 4401,
  forbidden: 4403,
  tryAgainLater: 1013,
  failed: 1011,
} as const;

/** A client that never reads its answers may keep so many bytes waiting. */
const MOST_BUFFERED = 1_048_576;

/** A WebSocket whose client has presented a valid token. It is closed when the token expires without a successor. */
export class TokenConnection<
  Socket extends ServerSocket = ServerSocket,
  Request extends UpgradeRequest = UpgradeRequest,
> {
  readonly socket: Socket;
  /** The request that opened the connection. Its address or headers may hold a token: do not log them. */
  readonly request: Request;
  readonly #live: LiveToken;
  readonly #maxTokenLength: number;
  readonly #listeners = new Set<MessageListener>();
  readonly #accepted: () => void;
  readonly #onError: (error: ErrorInfo) => void;
  /** Ends the wait for the first token. Its verification has a time limit of its own. */
  readonly #stopWaiting: () => void;
  #isAnnounced = false;
  #isOver = false;

  /** @internal */
  constructor(
    socket: Socket,
    request: Request,
    options: Omit<LiveTokenOptions, 'ask' | 'expire'>,
    onAccepted: (connection: TokenConnection<Socket, Request>) => void,
  ) {
    this.socket = socket;
    this.request = request;
    this.#maxTokenLength = options.maxTokenLength;
    this.#accepted = () => onAccepted(this);
    this.#onError = options.onError;
    this.#live = new LiveToken({
      ...options,
      ask: (expiresInMs) => this.#say({ type: 'token.asked', expiresInMs }),
      expire: () => this.#close(CLOSE.tokenNeeded, EXPIRED),
    });
    const { clock, timeoutMs } = options;
    const late = () => this.#close(CLOSE.tokenNeeded, '40140 no token came in time');
    const timer = clock.setTimeout(late, timeoutMs);
    this.#stopWaiting = () => clock.clearTimeout(timer);
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    // Without a listener an error of a socket ends the process. The event "close" follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isOver = true;
      this.#stopWaiting();
      this.#live.end();
    });
  }

  /** Who the connection is for. It never changes. */
  get identity(): string {
    return this.token.identity;
  }

  /** The token that was accepted last, as it was verified. */
  get token(): VerifiedToken {
    return this.#live.current ?? { identity: '' };
  }

  /** Calls `listener` with each message that is not part of the token protocol. The returned function removes it. */
  onMessage(listener: MessageListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @internal */
  async present(token: unknown, id?: MessageId): Promise<void> {
    this.#stopWaiting();
    const answer = await this.#live.present(token);
    if (answer === undefined || this.#isOver) return;
    this.#say(answerMessage(answer, id));
    if ('error' in answer) {
      const code = closeCodeFor(answer.error, CLOSE);
      if (this.#live.current === undefined && code !== undefined) this.#close(code, reasonFor(answer.error));
    } else if (!this.#isAnnounced) {
      this.#isAnnounced = true;
      this.#call('onConnection', this.#accepted);
    }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    const presented = presentedIn(data, isBinary, this.#maxTokenLength);
    if (presented === null)
      this.#close(CLOSE.malformed, 'id must be a text of 64 letters at most, or a whole number');
    else if (presented !== undefined) this.present(presented.token, presented.id);
    else if (this.#live.current === undefined)
      this.#close(CLOSE.malformed, 'the first message must be of type authenticate');
    else if (this.#live.isLive)
      for (const listener of this.#listeners)
        this.#call('a listener of onMessage()', () => listener(data, isBinary));
    else this.#close(CLOSE.tokenNeeded, EXPIRED);
  }

  /** An error of the application ends its connection, and not the process. */
  #call(name: string, callback: () => unknown): void {
    callUser(callback, (cause) => {
      this.#onError(new ErrorInfo({ code: 50000, message: `${name} failed`, cause }));
      this.#close(CLOSE.failed, 'the server failed');
    });
  }

  #say(message: ServerMessage): void {
    if (this.#isOver) return;
    if (this.socket.bufferedAmount > MOST_BUFFERED) this.socket.terminate();
    else this.socket.send(JSON.stringify(message));
  }

  /** Messages that arrive after the close are not read: the other side may send them for another half minute. */
  #close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#live.end();
    this.socket.close(code, closeReason(reason));
  }
}
