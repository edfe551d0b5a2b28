import type { ProtocolMessage, WebSocketClass, WebSocketLike } from '../../src/connection/index.js';

/** An error on the wire. */
export interface WireError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

export const wireError = (code: number, statusCode = Math.floor(code / 100)): WireError => ({
  code,
  statusCode,
  message: `scripted ${code}`,
});

export const tokenExpired = wireError(40142, 401);

/** The server's reaction to a token: it accepts, stays silent, refuses, or breaks the transport. */
export type Verdict = 'accept' | 'silence' | 'break' | WireError;

type Handlers = Record<'onopen' | 'onmessage' | 'onclose' | 'onerror', ((event: object) => void) | null>;

/** One transport, seen from the server. */
export class Line {
  readonly url: URL;
  readonly received: ProtocolMessage[] = [];
  isOpen = false;
  isOver = false;
  readonly #handlers: Handlers;

  constructor(url: string, handlers: Handlers) {
    this.url = new URL(url);
    this.#handlers = handlers;
  }

  get token(): string | null {
    return this.url.searchParams.get('accessToken');
  }

  get resume(): string | null {
    return this.url.searchParams.get('resume');
  }

  /** Whether any listener is left. */
  get isHeard(): boolean {
    const { onopen, onmessage, onclose } = this.#handlers;
    return onopen !== null || onmessage !== null || onclose !== null;
  }

  open(): void {
    if (this.isOver) return;
    this.isOpen = true;
    this.#handlers.onopen?.({});
  }

  send(message: ProtocolMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(data: unknown): void {
    if (!this.isOver) this.#handlers.onmessage?.({ data });
  }

  /** Ends the transport, as the client sees it. */
  break(code = 1006): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#handlers.onclose?.({ code });
  }

  fail(message: string): void {
    this.isOver = true;
    this.#handlers.onerror?.({ message });
    this.#handlers.onclose?.({ code: 1006 });
  }
}

/** The server of realtime connections, controlled by the test. */
export class ScriptedServer {
  readonly lines: Line[] = [];
  /** Every received token, in order. */
  readonly tokens: string[] = [];
  /** The reaction to tokens in addresses. */
  onOpen: Verdict | ((token: string) => Verdict) = 'accept';
  /** The reaction to tokens in AUTH. */
  onAuth: Verdict = 'accept';
  /** The reaction to CLOSE. */
  onClose: 'closed' | 'silence' = 'closed';
  /** The reaction to any other message. */
  onMessage: (line: Line, message: ProtocolMessage) => void = () => {};
  /** Additional fields of connectionDetails. */
  details: Record<string, unknown> = {
    clientId: 'ada',
    maxIdleInterval: 15_000,
    connectionStateTtl: 120_000,
  };
  /** Whether it accepts resume keys; otherwise each connection is new. */
  resumes = true;
  readonly WebSocket: WebSocketClass;
  #connections = 0;
  #keys = 0;

  constructor() {
    const accept = (line: Line) => this.#accept(line);
    const receive = (line: Line, message: ProtocolMessage) => this.#receive(line, message);
    this.WebSocket = class implements WebSocketLike {
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      readonly #line: Line;

      constructor(url: string) {
        this.#line = new Line(url, this);
        queueMicrotask(() => accept(this.#line));
      }

      send(text: string): void {
        if (!this.#line.isOpen || this.#line.isOver) throw new Error('the socket is not open');
        const message = JSON.parse(text) as ProtocolMessage;
        this.#line.received.push(message);
        queueMicrotask(() => receive(this.#line, message));
      }

      close(): void {
        this.#line.isOver = true;
      }
    };
  }

  /** The newest transport. */
  get line(): Line {
    const line = this.lines.at(-1);
    if (line === undefined) throw new TypeError('nobody connected');
    return line;
  }

  /** The transports that are neither closed nor dropped. */
  get live(): Line[] {
    return this.lines.filter((line) => !line.isOver);
  }

  sayConnected(line = this.line, more: Record<string, unknown> = {}): void {
    const isResumed = line.resume !== null && this.resumes;
    if (!isResumed && !line.received.some((message) => message.action === 17)) this.#connections += 1;
    this.#keys += 1;
    line.send({
      action: 4,
      connectionId: `connection-${this.#connections}`,
      connectionDetails: { ...this.details, connectionKey: `key-${this.#keys}` },
      ...(line.resume !== null && !this.resumes ? { error: wireError(80018, 400) } : {}),
      ...more,
    });
  }

  #accept(line: Line): void {
    this.lines.push(line);
    this.tokens.push(line.token ?? '');
    line.open();
    this.#judge(line, typeof this.onOpen === 'function' ? this.onOpen(line.token ?? '') : this.onOpen);
  }

  #receive(line: Line, message: ProtocolMessage): void {
    if (message.action === 17) {
      const { accessToken } = message.auth as { accessToken: string };
      this.tokens.push(accessToken);
      this.#judge(line, this.onAuth);
    }
    if (message.action === 7 && this.onClose === 'closed') line.send({ action: 8 });
    this.onMessage(line, message);
  }

  #judge(line: Line, verdict: Verdict): void {
    if (line.isOver || verdict === 'silence') return;
    if (verdict === 'accept') this.sayConnected(line);
    else if (verdict === 'break') line.break();
    else {
      line.send({ action: 9, error: verdict });
      line.break(1000);
    }
  }
}
