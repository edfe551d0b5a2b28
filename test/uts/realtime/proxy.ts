import type { ProtocolMessage, WebSocketClass, WebSocketLike } from '../../../src/connection/index.js';

/** What happens to a message from the service: it passes, is dropped, or is replaced. */
type Rule = (message: ProtocolMessage) => 'pass' | 'suppress' | ProtocolMessage;

type Frame = { readonly from: 'client' | 'service'; readonly message: ProtocolMessage };

/**
 * A proxy between a connection and the service. It can hold back, replace and inject messages, and refuse
 * transports, as the proxy for these cases does.
 */
export class ServiceProxy {
  /** The addresses of all connections, including refused ones. */
  readonly connects: URL[] = [];
  readonly frames: Frame[] = [];
  /** What happens to each message to the client. */
  toClient: Rule = () => 'pass';
  /** How many further transports are refused. */
  refusals = 0;
  readonly WebSocket: WebSocketClass;
  #live: WebSocketLike | undefined;

  constructor(service: WebSocketClass) {
    const connect = (url: string, outer: WebSocketLike) => this.#connect(url, outer, service);
    const send = (inner: WebSocketLike | undefined, text: string) => {
      this.frames.push({ from: 'client', message: JSON.parse(text) as ProtocolMessage });
      inner?.send(text);
    };
    this.WebSocket = class implements WebSocketLike {
      onopen = null;
      onmessage = null;
      onclose = null;
      onerror = null;
      readonly #inner: WebSocketLike | undefined;

      constructor(url: string) {
        this.#inner = connect(url, this);
      }

      send(text: string): void {
        send(this.#inner, text);
      }

      close(): void {
        this.#inner?.close();
      }
    };
  }

  /** Injects a message from the service. */
  inject(message: ProtocolMessage): void {
    this.#deliver(this.#live, message);
  }

  /** Injects a message and closes the transport. */
  injectAndClose(message: ProtocolMessage): void {
    const live = this.#live;
    this.#deliver(live, message);
    (live?.onclose as ((event: object) => void) | null | undefined)?.({ code: 1000 });
  }

  #connect(url: string, outer: WebSocketLike, service: WebSocketClass): WebSocketLike | undefined {
    this.connects.push(new URL(url));
    if (this.refusals > 0) {
      this.refusals -= 1;
      queueMicrotask(() => (outer.onclose as ((event: object) => void) | null)?.({ code: 1006 }));
      return undefined;
    }
    this.#live = outer;
    const inner = new service(url);
    const pass = (name: 'onopen' | 'onclose' | 'onerror') => (event: never) => outer[name]?.(event);
    Object.assign(inner, { onopen: pass('onopen'), onclose: pass('onclose'), onerror: pass('onerror') });
    inner.onmessage = ({ data }: { data: string }) => {
      const message = JSON.parse(data) as ProtocolMessage;
      this.frames.push({ from: 'service', message });
      const ruled = this.toClient(message);
      if (ruled !== 'suppress') this.#deliver(outer, ruled === 'pass' ? message : ruled);
    };
    return inner;
  }

  #deliver(outer: WebSocketLike | undefined, message: ProtocolMessage): void {
    (outer?.onmessage as ((event: object) => void) | null | undefined)?.({ data: JSON.stringify(message) });
  }
}

/** A rule that replaces the first message of one action. */
export function replacingOnce(action: number, message: ProtocolMessage): Rule {
  let isDone = false;
  return ({ action: what }) => {
    if (isDone || what !== action) return 'pass';
    isDone = true;
    return message;
  };
}
