import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { callUser } from '../../log/user-callback.js';
import { isTooDeep } from '../../redaction/received.js';
import { Budget } from '../budget.js';
import { NoSuchControl } from '../controls.js';
import type { Entry, StudioLink, StudioMessage } from '../messages.js';
import { messageIn } from '../schema.js';
import { OneTimeTokens } from './one-time-tokens.js';

/** How many entries are kept for pages that connect later. */
const KEPT = 10_000;

/** The largest message: a hello with all recorded entries. */
const LARGEST_BYTES = 32 * 1024 * 1024;

/** The longest message with one entry, in letters. */
const LONGEST_ENTRY = 256 * 1024;

/**
 * How much a client may send at once, and per second, in bytes. Each message counts for some bytes more, since
 * short messages cost time too.
 */
const MOST_AT_ONCE = 2 * LARGEST_BYTES;
const MOST_PER_SECOND = 4 * 1024 * 1024;
const BYTES_PER_MESSAGE = 2_048;

/** A client that does not read gets no more controls. */
const MOST_UNREAD_BYTES = 64 * 1024;

type Hello = Extract<StudioMessage, { readonly type: 'hello' }>;

/** Passes the messages of a client in another process to the page, and the page's controls to the client. */
export class Relay implements StudioLink {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_BYTES });
  readonly #tokens = new OneTimeTokens();
  readonly #listeners = new Set<(message: StudioMessage) => void>();
  readonly #changed: (isAttached: boolean) => void;
  #socket: WebSocket | null = null;
  #hello: Hello | null = null;
  #entries: Entry[] = [];
  /** The client's clock and this process's clock at the last message, ms. */
  #heard: { readonly at: number; readonly here: number } = { at: 0, here: 0 };
  readonly #monotonic: () => number;

  /** @param changed called when a client attaches, and when it is gone */
  constructor(monotonic: () => number, changed: (isAttached: boolean) => void) {
    this.#monotonic = monotonic;
    this.#changed = changed;
  }

  /** The path of an address where one client can attach, once. */
  path(): string {
    return `/attach/${this.#tokens.issue()}`;
  }

  subscribe(listener: (message: StudioMessage) => void): () => void {
    if (this.#hello !== null) listener(this.#whole(this.#hello));
    if (this.#hello !== null && this.#socket === null) listener({ type: 'gone' });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async perform(control: string): Promise<void> {
    const known = this.#hello?.session.controls.some(({ name }) => name === control) ?? false;
    if (!known || this.#socket === null) throw new NoSuchControl('No client with this control is attached.');
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES)
      throw new TypeError('the client does not read its messages');
    this.#socket.send(JSON.stringify({ type: 'perform', control }));
  }

  /** Accepts a client with an unused token, and disconnects the client that is attached. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [, token = ''] = /^\/attach\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (!this.#tokens.use(token)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#attach(accepted));
  }

  close(): void {
    this.#listeners.clear();
    this.#socket?.terminate();
    this.#server.close();
  }

  #attach(socket: WebSocket): void {
    this.#socket?.close(4000, 'another client is attached');
    this.#socket = socket;
    this.#hello = null;
    this.#entries = [];
    const budget = new Budget(MOST_AT_ONCE, MOST_PER_SECOND, this.#monotonic);
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.#socket !== socket || socket.readyState !== WebSocket.OPEN) return;
      if (isBinary) return refuse(socket, closeCodes.unsupported, 'the message: it must be text');
      if (!budget.spend(data.length + BYTES_PER_MESSAGE))
        return refuse(socket, closeCodes.policy, 'the messages come too fast');
      let fault: string | undefined = 'the message: it cannot be processed';
      callUser(
        () => {
          fault = this.#take(data);
        },
        () => {},
      );
      if (fault !== undefined) refuse(socket, closeCodes.policy, fault);
    });
    // `ws` closes the socket by itself: 1009 for a message that is too long, 1002 for a broken frame.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#publish({ type: 'gone' });
      this.#changed(false);
    });
    this.#changed(true);
  }

  /** Processes a message. @returns its error */
  #take(data: unknown): string | undefined {
    const text = String(data);
    const message = parse(text);
    if (typeof message === 'string') return message;
    if (message.type !== 'hello' && text.length > LONGEST_ENTRY) return 'the message: it is too long';
    // The client closes its socket after this message, which ends the session.
    if (message.type === 'gone') return undefined;
    if (message.type === 'hello') {
      this.#hello = { ...message, entries: [] };
      this.#entries = [...message.entries];
      this.#heard = { at: message.now, here: this.#monotonic() };
    }
    if (message.type === 'entry') {
      const previous = this.#entries.at(-1);
      if (this.#hello === null) return 'the hello is missing';
      if (previous !== undefined && message.entry.n !== previous.n + 1) return 'entries are missing';
      this.#entries.push(message.entry);
      if (this.#entries.length > KEPT * 1.2) this.#entries = this.#entries.slice(-KEPT);
      this.#heard = { at: message.entry.at, here: this.#monotonic() };
    }
    this.#publish(message);
    if (message.type === 'hello') this.#socket?.send(JSON.stringify({ type: 'attached' }));
    return undefined;
  }

  #whole(hello: Hello): Hello {
    const { at, here } = this.#heard;
    return { ...hello, now: Math.round(at + this.#monotonic() - here), entries: [...this.#entries] };
  }

  #publish(message: StudioMessage): void {
    // A listener that throws, such as a page that is gone, must not stop the others.
    for (const listener of [...this.#listeners])
      callUser(
        () => listener(message),
        () => {},
      );
  }
}

/** The codes of a closing frame (RFC 6455, 7.4.1). */
const closeCodes = { unsupported: 1003, policy: 1008 } as const;

/** Ends a client with a reason, which has at most 123 bytes in a closing frame (RFC 6455, 5.5). */
function refuse(socket: WebSocket, code: number, reason: string): void {
  const bytes = Buffer.from(reason).subarray(0, 120);
  socket.close(code, bytes.toString().replace(/\uFFFD$/, ''));
}

function parse(text: string): StudioMessage | string {
  if (isTooDeep(text)) return 'the message: it is nested too deep';
  try {
    return messageIn(JSON.parse(text));
  } catch {
    return 'the message: it must be JSON';
  }
}
