import { WebSocket } from 'ws';
import { StackConnection } from '../../src/connection/stack/index.js';
import type { StackOptions } from '../../src/connection/stack/stack-connection.js';
import { ErrorInfo, type ErrorInfoInit } from '../../src/errors/error-info.js';
import type { TokenDetails } from '../../src/token/token-details.js';

interface Answer {
  readonly id?: number;
  readonly clientId?: string;
  readonly error?: ErrorInfoInit;
  readonly ask?: true;
  readonly news?: true;
}

/** A connection of its own for a {@link TokenServer}: what an outsider writes on the base. */
export class WsConnection extends StackConnection {
  /** The number of messages of the server that are for the app. */
  received = 0;
  readonly #url: string;
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
    const whileMine =
      <T>(run: (value: T) => void) =>
      (value: T) => {
        if (this.#socket === socket) run(value);
      };
    socket.on('error', () => {});
    socket.on(
      'open',
      whileMine(() => this.#first(token)),
    );
    socket.on(
      'message',
      whileMine((data) => this.#read(JSON.parse(String(data)))),
    );
    socket.on(
      'close',
      whileMine(() => this.lost(undefined, 100)),
    );
  }

  protected shut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#waiting.clear();
    socket?.terminate();
  }

  async #first(token: TokenDetails): Promise<void> {
    const { clientId, error } = await this.send(token);
    if (error) this.refused(new ErrorInfo(error));
    else this.accepted(clientId);
  }

  protected send({ token }: TokenDetails): Promise<Answer> {
    this.#last += 1;
    const id = this.#last;
    this.#socket?.send(JSON.stringify({ id, token }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #read(answer: Answer): void {
    if (answer.news) this.received += 1;
    else if (answer.ask) this.asked();
    else if (answer.id === undefined && answer.error) this.refused(new ErrorInfo(answer.error));
    else this.#waiting.get(answer.id ?? 0)?.(answer);
  }
}

/** The same where the server takes a token in place. */
export class WsInPlace extends WsConnection {
  protected override async authenticate(token: TokenDetails): Promise<string | undefined> {
    const { clientId, error } = await this.send(token);
    if (error) throw new ErrorInfo(error);
    return clientId;
  }
}
