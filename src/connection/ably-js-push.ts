import type { Clock } from '../clock.js';
import type { TokenDetails } from '../token/token-details.js';

interface PushInput {
  readonly token: TokenDetails;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Who hears that a verdict is not to be waited for. */
interface PushListener {
  /** Nobody waits any more. */
  aborted(push: AblyPush): void;
  /** There is none in time. */
  late(push: AblyPush): void;
}

/** A token that was pushed, whose verdict is awaited. */
export class AblyPush {
  readonly token: TokenDetails;
  /** Of the answers that are due on this transport, the first that is to it. */
  answer = Number.POSITIVE_INFINITY;
  readonly verdict: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #end: () => void;

  constructor({ token, signal, clock, timeoutMs }: PushInput, listener: PushListener) {
    this.token = token;
    this.verdict = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const abort = () => listener.aborted(this);
    const timer = clock.setTimeout(() => listener.late(this), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    this.#end = () => {
      signal.removeEventListener('abort', abort);
      clock.clearTimeout(timer);
    };
  }

  resolve(): void {
    this.#end();
    this.#resolve();
  }

  reject(error: unknown): void {
    this.#end();
    this.#reject(error);
  }
}
