import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { callUser } from '../../log/user-callback.js';
import { isTooDeep } from '../../redaction/received.js';
import { Budget } from '../budget.js';
import { NoSuchControl } from '../controls.js';
import type { StudioLink, StudioMessage } from '../messages.js';
import { messageIn } from '../schema.js';
import { LastingToken } from './lasting-token.js';
import { RelayedSessions } from './relayed-sessions.js';

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

/** Passes the messages of a client in another process to the page, and the page's controls to the client. */
export class Relay implements StudioLink {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_BYTES });
  readonly #token = new LastingToken();
  readonly #listeners = new Set<(message: StudioMessage) => void>();
  readonly #changed: (isAttached: boolean) => void;
  #socket: WebSocket | null = null;
  readonly #sessions: RelayedSessions;
  readonly #monotonic: () => number;

  /** @param changed called when a client attaches, and when it is gone */
  constructor(monotonic: () => number, changed: (isAttached: boolean) => void) {
    this.#monotonic = monotonic;
    this.#changed = changed;
    this.#sessions = new RelayedSessions(monotonic);
  }

  /** The path of the address where a client can attach, as long as the studio runs. It is a secret. */
  path(): string {
    return `/attach/${this.#token.text}`;
  }

  subscribe(listener: (message: StudioMessage) => void): () => void {
    for (const message of this.#sessions.messages()) listener(message);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async perform(control: string): Promise<void> {
    const known = this.#sessions.controls.some(({ name }) => name === control);
    if (!known || this.#socket === null) throw new NoSuchControl('No client with this control is attached.');
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES)
      throw new TypeError('the client does not read its messages');
    this.#socket.send(JSON.stringify({ type: 'perform', control }));
  }

  /** Accepts a client with the token, and disconnects the client that is attached. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [, token = ''] = /^\/attach\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (!this.#token.is(token)) {
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
    this.#endSession();
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
      this.#endSession();
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
      this.#publish(this.#sessions.begin(message));
      this.#socket?.send(JSON.stringify({ type: 'attached' }));
      return undefined;
    }
    const fault =
      message.type === 'entry' ? this.#sessions.add(message.entry) : this.#sessions.addFrames(message.frames);
    if (fault === undefined) this.#publish(message);
    return fault;
  }

  /** The session of the client that was attached is over, and is kept. */
  #endSession(): void {
    if (this.#sessions.end()) this.#publish({ type: 'gone' });
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
