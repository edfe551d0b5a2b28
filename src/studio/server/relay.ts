import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { callUser } from '../../log/user-callback.js';
import { isTooDeep } from '../../redaction/received.js';
import { NoSuchControl } from '../controls.js';
import type { Entry, StudioLink, StudioMessage } from '../messages.js';
import { messageIn } from '../schema.js';
import { OneTimeTokens } from './one-time-tokens.js';

/** How many entries are kept for pages that connect later. */
const KEPT = 10_000;

/** The largest message: a hello with all recorded entries. */
const LARGEST_BYTES = 64 * 1024 * 1024;

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
    socket.on('message', (data) => {
      if (this.#socket !== socket) return;
      let fault: string | undefined = 'the message: it cannot be processed';
      callUser(
        () => {
          fault = this.#take(data);
        },
        () => {},
      );
      // The reason in a closing frame has at most 123 bytes (RFC 6455, 5.5).
      if (fault !== undefined)
        socket.close(
          1008,
          Buffer.from(fault)
            .subarray(0, 120)
            .toString()
            .replace(/\uFFFD$/, ''),
        );
    });
    socket.on('error', () => socket.terminate());
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
    const message = parse(String(data));
    if (typeof message === 'string') return message;
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

function parse(text: string): StudioMessage | string {
  if (isTooDeep(text)) return 'the message: it is nested too deep';
  try {
    return messageIn(JSON.parse(text));
  } catch {
    return 'the message: it must be JSON';
  }
}
