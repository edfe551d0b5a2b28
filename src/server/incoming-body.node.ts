import type { IncomingMessage } from 'node:http';
import { systemClock, type TimerHandle } from '../clock.js';

/** How much of a body is read although the answer is known, in bytes. */
const MOST_READ = 16 * 1024 * 1024;

/** How long an answer waits for the rest of the body, ms. */
const PATIENCE_MS = 1_000;

/**
 * A request's body, which is read to its end even where the answer is known before. A proxy counts a connection
 * that closes while the proxy sends as a failure of the server: after a few bodies that are too long, from any
 * stranger, the proxy would not use this server any more.
 */
export class IncomingBody {
  /** The body, up to a little more than the limit. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly #length: number;
  #isOver = false;
  #over = () => {};

  /** Whether a request has a body that was not read to its end. */
  static isIn({ complete, headers, httpVersionMajor }: IncomingMessage): boolean {
    if (complete) return false;
    return httpVersionMajor > 1 || headers['transfer-encoding'] !== undefined || lengthIn(headers) > 0;
  }

  /** @param limit in bytes; what comes after it is dropped */
  constructor(request: IncomingMessage, limit: number) {
    this.#length = lengthIn(request.headers);
    let open: ReadableStreamDefaultController<Uint8Array> | undefined;
    let bytes = 0;
    this.stream = new ReadableStream({
      start: (controller) => {
        open = controller;
      },
      cancel: () => {
        open = undefined;
      },
    });
    const end = (settle: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => {
      if (open !== undefined) settle(open);
      open = undefined;
      this.#isOver = true;
      this.#over();
    };
    request.on('data', (part: Uint8Array) => {
      if (bytes <= limit) open?.enqueue(part);
      bytes += part.byteLength;
      if (bytes > MOST_READ) request.pause();
    });
    request.once('end', () => end((controller) => controller.close()));
    request.on('error', (fault) => end((controller) => controller.error(fault)));
    request.once('close', () => end((controller) => controller.error(new Error('the request broke off'))));
  }

  /** Settles when the body has ended, or after a second. */
  rest(): Promise<void> {
    if (this.#isOver || this.#length > MOST_READ) return Promise.resolve();
    return new Promise((resolve) => {
      const timer: TimerHandle = systemClock.setTimeout(resolve, PATIENCE_MS);
      this.#over = () => {
        systemClock.clearTimeout(timer);
        resolve();
      };
    });
  }
}

function lengthIn(headers: IncomingMessage['headers']): number {
  return Number(headers['content-length'] ?? 0);
}
