import type { IncomingMessage } from 'node:http';
import { systemClock, type TimerHandle } from '../clock.js';

/** How much of a body is read after the answer is known, in bytes. */
const MOST_READ = 16 * 1024 * 1024;

/** How long an answer waits for the rest of the body, ms. */
const REST_TIMEOUT_MS = 1_000;

/**
 * The body of a request. It is read to its end even if the answer is known before. A proxy counts a
 * connection that closes while the proxy sends as a failure of the server: a few oversized bodies would make
 * the proxy stop using this server.
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

  /** @param limit in bytes; the rest of the body is dropped */
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
    request.once('close', () => end((controller) => controller.error(new Error('the request was aborted'))));
  }

  /** Resolves when the body has been read to its end, or after one second. */
  rest(): Promise<void> {
    if (this.#isOver || this.#length > MOST_READ) return Promise.resolve();
    return new Promise((resolve) => {
      const timer: TimerHandle = systemClock.setTimeout(resolve, REST_TIMEOUT_MS);
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
