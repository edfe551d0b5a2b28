import type { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, parseJson } from '../../redaction/received.js';
import { throughProxies } from '../../surroundings.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { ReportedError } from '../port.js';
import { Closes, lossBy } from '../stack/closes.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';
import { TokenMessages } from '../stack/token-messages.js';
import { Tries } from '../stack/tries.js';

/** What a stack can do. */
export interface ReconnectingStack {
  /** Connects with this token, also if the stack is connected. */
  open(token: string): void;
  /** Closes. The stack does not connect again until `open`. */
  close(): void;
  /** Sends a text. With it the server answers each token in a message, and takes a new one in place. */
  send?(text: string): void;
  /** Where the first token is: in what `open` connects with, or in a message too. Default: `connect`. */
  readonly firstToken?: 'connect' | 'message';
  /** Whether the stack connects again by itself after a loss. Then it must ask `nextToken()` each time. Default: false. */
  readonly comesBack?: boolean;
}

/** The options of `reconnecting()`. */
export interface ReconnectingOptions extends StackOptions {
  /** The codes with which the server closes a connection because of its token. Default: 4401 and 4403. */
  readonly refusalCodes?: readonly number[];
}

/** A socket whose events are read. */
export interface WatchedSocket {
  /** Listens to an event of the socket. */
  addEventListener(type: 'open' | 'message' | 'close', listener: (event: unknown) => void): void;
}

/** A stack that your code connects, with the tokens of an Auth. */
export class ReconnectingConnection extends StackConnection {
  readonly #stack: ReconnectingStack;
  readonly #closes: Closes;
  readonly #messages: TokenMessages;
  readonly #tries = new Tries(this.clock);
  readonly #waiting: (() => void)[] = [];
  #isShut = true;
  /** What the stack reports meanwhile is about the transport that it leaves. */
  #isSwitching = false;

  /** @internal */
  constructor(stack: ReconnectingStack, { refusalCodes, ...options }: ReconnectingOptions) {
    super(options);
    this.#stack = stack;
    this.#closes = new Closes(refusalCodes);
    this.#messages = new TokenMessages(stack.send !== undefined);
  }

  /** The token for the next connect. Resolves when the connection is to be open, and there is a token. */
  async nextToken(): Promise<string> {
    for (;;) {
      const token = this.#isShut ? null : this.retrying();
      if (token !== null) return token.token;
      // An Auth may have offered a token already when there was none.
      if (this.#isShut) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Reads `open`, `message` and `close` of a socket for as long as it lives. */
  watch(socket: WatchedSocket): this {
    socket.addEventListener('open', () => this.opened());
    socket.addEventListener('message', (event) => this.hear(fieldOf(event, 'data')));
    socket.addEventListener('close', (event) => this.closed(event));
    return this;
  }

  /** The transport is open. Without `send` the server counts as having accepted the token. */
  opened(): void {
    const { token } = this;
    if (this.#stack.send === undefined) this.accepted();
    if (token === null || this.#stack.firstToken !== 'message') return;
    this.authenticate(token)?.then(
      () => this.accepted(),
      (error: ErrorInfo) => this.#refusedAtFirst(error),
    );
  }

  /** The server accepted the token. @param clientId whose connection it is by the server's words */
  override accepted(clientId?: string | null): void {
    if (this.#isShut || this.#isSwitching) return;
    this.#tries.connected();
    super.accepted(clientId);
  }

  /** The server refuses the token: with a token error (40140–40149, status 401) another can help, or else nothing can. */
  override refused(error: ReportedError): void {
    super.refused(error);
  }

  /** The transport closed. @param close its event, or an object with its `code` and `reason` */
  closed(close?: unknown): void {
    if (this.#isShut || this.#isSwitching) return;
    const error = this.#closes.refusalIn(close);
    if (error !== null) this.refused(error);
    else if (this.#stack.comesBack) this.lost(lossBy(close));
    else {
      this.lost(lossBy(close), this.#tries.next().ms);
      this.#switch(() => this.#stack.close());
    }
  }

  /** The server asks for a new token. */
  override asked(): void {
    super.asked();
  }

  /** Reads a message of the server. @returns whether it is about the token, and not for the app */
  hear(data: unknown): boolean {
    if (typeof data !== 'string' || !data.includes('"type"')) return false;
    let heard: ReturnType<TokenMessages['hear']>;
    try {
      heard = this.#messages.hear(parseJson(data));
    } catch {
      return false;
    }
    if (heard === 'asked') this.asked();
    else if (heard === 'accepted') this.accepted();
    else if (typeof heard === 'object') this.#refusedAtFirst(heard);
    return heard !== undefined;
  }

  protected open({ token }: TokenDetails): void {
    this.#isShut = false;
    for (const wake of this.#waiting.splice(0)) wake();
    this.#switch(() => this.#stack.open(token));
  }

  protected shut(): void {
    this.#isShut = true;
    this.#switch(() => this.#stack.close());
  }

  protected override authenticate(token: TokenDetails): Promise<undefined> | undefined {
    const { send } = this.#stack;
    if (send === undefined) return undefined;
    return this.#messages.present(token, (message) => send.call(this.#stack, JSON.stringify(message)));
  }

  /** After an answer that says nothing about the token, the server closes. */
  #refusedAtFirst(error: ErrorInfo): void {
    if (error.statusCode === 401 || error.statusCode === 403) this.refused(error);
  }

  #switch(run: () => void): void {
    this.#isSwitching = true;
    try {
      run();
    } finally {
      this.#isSwitching = false;
    }
  }
}

throughProxies(ReconnectingConnection);
