import { WebSocket } from 'ws';
import { Closes, lossBy } from '../../src/connection/stack/closes.js';
import { StackConnection } from '../../src/connection/stack/index.js';
import type { StackOptions } from '../../src/connection/stack/stack-connection.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import type { TokenDetails } from '../../src/token/token-details.js';

interface Answer {
  readonly type: 'accepted' | 'refused' | 'token.asked' | 'news';
  readonly id?: number;
  readonly code?: number;
  readonly message?: string;
}

/** A connection of its own for a `tokenServer()`: what an outsider writes on the base. */
export class WsConnection extends StackConnection {
  /** The number of messages of the server that are for the app. */
  received = 0;
  readonly #url: string;
  readonly #closes = new Closes();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #socket: WebSocket | undefined;
  #last = 0;

  constructor(url: string, options: StackOptions = {}) {
    super(options);
    this.#url = url;
  }

  protected open(token: TokenDetails): void {
    this.shut();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const isMine = () => this.#socket === socket;
    socket.on('error', () => {});
    socket.on('open', () => {
      if (isMine()) void this.#first(token);
    });
    socket.on('message', (data) => {
      if (isMine()) this.#read(JSON.parse(String(data)));
    });
    socket.on('close', (code, reason) => {
      if (!isMine()) return;
      const close = { code, reason: String(reason) };
      const refusal = this.#closes.refusalIn(close);
      if (refusal === null) this.lost(lossBy(close), 100);
      else this.refused(refusal);
    });
  }

  protected shut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#waiting.clear();
    socket?.terminate();
  }

  /** @throws {ErrorInfo} the refusal */
  protected async send({ token }: TokenDetails): Promise<undefined> {
    this.#last += 1;
    const id = this.#last;
    this.#socket?.send(JSON.stringify({ type: 'authenticate', id, token }));
    const {
      type,
      code = 0,
      message = '',
    } = await new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    if (type === 'refused') throw new ErrorInfo({ code, message });
  }

  #first(token: TokenDetails): Promise<void> {
    return this.send(token).then(
      () => this.accepted(),
      (error: ErrorInfo) => this.refused(error),
    );
  }

  #read(answer: Answer): void {
    if (answer.type === 'news') this.received += 1;
    else if (answer.type === 'token.asked') this.asked();
    else this.#waiting.get(answer.id ?? 0)?.(answer);
  }
}

/** The same where the server takes a token in place. */
export class WsInPlace extends WsConnection {
  protected override authenticate(token: TokenDetails): Promise<undefined> {
    return this.send(token);
  }
}
