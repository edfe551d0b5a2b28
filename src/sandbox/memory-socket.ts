import type { Line, Realtime } from './realtime.js';

type Listener = (event: { readonly type: string; readonly data?: string; readonly code?: number }) => void;

/** The part of the browser's `WebSocket` that connections use. */
export interface MemorySocketClass {
  new (url: string | URL): MemorySocketInstance;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

export interface MemorySocketInstance {
  readonly url: string;
  readonly readyState: number;
  onopen: Listener | null;
  onmessage: Listener | null;
  onclose: Listener | null;
  onerror: Listener | null;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** A `WebSocket` class whose other end is this service: no port, no network. */
export function memorySocketClass(realtime: Realtime): MemorySocketClass {
  return class MemorySocket implements MemorySocketInstance {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    readonly url: string;
    readyState = 0;
    onopen: Listener | null = null;
    onmessage: Listener | null = null;
    onclose: Listener | null = null;
    onerror: Listener | null = null;
    readonly #listeners = new Map<string, Set<Listener>>();
    #line: Line | undefined;

    constructor(url: string | URL) {
      this.url = String(url);
      queueMicrotask(() => this.#open());
    }

    addEventListener(type: string, listener: Listener): void {
      const all = this.#listeners.get(type) ?? new Set();
      this.#listeners.set(type, all.add(listener));
    }

    removeEventListener(type: string, listener: Listener): void {
      this.#listeners.get(type)?.delete(listener);
    }

    send(text: string): void {
      if (this.readyState !== 1) throw new Error('the socket is not open');
      queueMicrotask(() => this.#line?.receive(text));
    }

    close(): void {
      if (this.readyState >= 2) return;
      this.readyState = 2;
      const line = this.#line;
      queueMicrotask(() => {
        this.#end(1000);
        line?.lost();
      });
    }

    #open(): void {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#tell({ type: 'open' });
      this.#line = realtime.accept(new URL(this.url), {
        send: (data) => queueMicrotask(() => this.readyState === 1 && this.#tell({ type: 'message', data })),
        close: () => queueMicrotask(() => this.#end(1000)),
        cut: () => queueMicrotask(() => this.#end(1006)),
      });
    }

    #end(code: number): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.#tell({ type: 'close', code });
    }

    #tell(event: { type: 'open' | 'message' | 'close'; data?: string; code?: number }): void {
      this[`on${event.type}`]?.(event);
      for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
    }
  };
}
