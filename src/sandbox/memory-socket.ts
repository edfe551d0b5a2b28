import { rememberSelf, throughProxies } from '../surroundings.js';
import type { FrameData, Transport } from './protocol.js';
import type { Line, Realtime } from './realtime.js';

/** An event for the listeners of a {@link MemorySocketInstance}. */
export interface MemorySocketEvent {
  readonly type: 'open' | 'message' | 'close' | 'error';
  /** A string, or an `ArrayBuffer` if the address has `format=msgpack`. */
  readonly data?: string | ArrayBuffer;
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

type Listener = (event: MemorySocketEvent) => void;

/** The part of the browser's `WebSocket` that connections use. */
export interface MemorySocketClass {
  new (url: string | URL): MemorySocketInstance;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

/** A `WebSocket` to a sandbox. */
export interface MemorySocketInstance {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  readonly url: string;
  readonly readyState: number;
  onopen: Listener | null;
  onmessage: Listener | null;
  onclose: Listener | null;
  onerror: Listener | null;
  /** As in `EventTarget`. */
  addEventListener(type: string, listener: Listener): void;
  /** As in `EventTarget`. */
  removeEventListener(type: string, listener: Listener): void;
  /** Sends a frame; does nothing once closed. @throws {DOMException} InvalidStateError while connecting */
  send(data: string | ArrayBuffer | Uint8Array): void;
  /** Closes the socket. @throws {DOMException} InvalidAccessError for a code other than 1000 and 3000–4999 */
  close(code?: number, reason?: string): void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** A `WebSocket` class whose sockets connect to this service without port and network. */
export function memorySocketClass(realtime: Realtime): MemorySocketClass {
  return class extends MemorySocket {
    constructor(url: string | URL) {
      super(url, realtime);
    }
  };
}

class MemorySocket implements MemorySocketInstance {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSING = CLOSING;
  static readonly CLOSED = CLOSED;
  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSING = CLOSING;
  readonly CLOSED = CLOSED;
  readonly url: string;
  onopen: Listener | null = null;
  onmessage: Listener | null = null;
  onclose: Listener | null = null;
  onerror: Listener | null = null;
  readonly #realtime: Realtime;
  readonly #listeners = new Map<string, Set<Listener>>();
  #readyState: number = CONNECTING;
  #line: Line | undefined;

  constructor(url: string | URL, realtime: Realtime) {
    rememberSelf(this);
    const address = parsed(url);
    this.url = address.href;
    this.#realtime = realtime;
    queueMicrotask(() => this.#open(address));
  }

  get readyState(): number {
    return this.#readyState;
  }

  addEventListener(type: string, listener: Listener): void {
    const all = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, all.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  send(data: string | ArrayBuffer | Uint8Array): void {
    if (this.#readyState === CONNECTING)
      throw new DOMException('the socket is still connecting', 'InvalidStateError');
    // A copy: the sender may change its buffer afterwards.
    const frame = typeof data === 'string' ? data : new Uint8Array(data).slice();
    if (this.#readyState === OPEN) queueMicrotask(() => this.#line?.receive(frame));
  }

  close(code?: number, reason = ''): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`code must be 1000 or 3000 to 4999; got ${code}`, 'InvalidAccessError');
    }
    if (this.#readyState >= CLOSING) return;
    const wasOpen = this.#readyState === OPEN;
    this.#readyState = CLOSING;
    queueMicrotask(() => {
      if (wasOpen) this.#end(code ?? 1005, reason);
      else this.#fail();
    });
  }

  #open(address: URL): void {
    if (this.#readyState !== CONNECTING) return;
    this.#readyState = OPEN;
    this.#dispatch({ type: 'open' });
    // A listener may have closed the socket.
    if (!this.#isOpen) return;
    const line = this.#realtime.accept(address, this.#transport());
    this.#line = line;
  }

  get #isOpen(): boolean {
    return this.#readyState === OPEN;
  }

  /** Delivers what the service sends a microtask later, in order. */
  #transport(): Transport {
    return {
      send: (frame) =>
        queueMicrotask(() => this.#isOpen && this.#dispatch({ type: 'message', data: dataOf(frame) })),
      close: () => queueMicrotask(() => this.#end(1000, '')),
      cut: () => queueMicrotask(() => this.#fail()),
      ping: () => {},
    };
  }

  #fail(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#dispatch({ type: 'error' });
    this.#ended(1006, '', false);
  }

  #end(code: number, reason: string): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#ended(code, reason, true);
  }

  #ended(code: number, reason: string, wasClean: boolean): void {
    this.#line?.lost();
    this.#dispatch({ type: 'close', code, reason, wasClean });
  }

  #dispatch(event: MemorySocketEvent): void {
    this[`on${event.type}`]?.(event);
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
  }
}

throughProxies(MemorySocket);

const dataOf = (frame: FrameData): string | ArrayBuffer =>
  typeof frame === 'string' ? frame : frame.slice().buffer;

function parsed(url: string | URL): URL {
  if (URL.canParse(String(url))) {
    const address = new URL(url);
    if (/^(ws|http)s?:$/.test(address.protocol)) return address;
  }
  throw new DOMException('url must be the address of a WebSocket', 'SyntaxError');
}
