import type { Clock } from '../clock.js';
import type { TokenDetails } from '../token/token-details.js';

interface PushInput {
  readonly token: TokenDetails;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Who hears how long a verdict takes. */
interface PushListener {
  /** Nobody waits any more. */
  aborted(push: AblyPush): void;
  /** Half of the time is over. */
  halfway(push: AblyPush): void;
  /** There is none in time. */
  late(push: AblyPush): void;
}

/** A token that was pushed, whose verdict is awaited. */
export class AblyPush {
  readonly token: TokenDetails;
  /** Whether the token is sent again at half time: it may be that the server has none of it. */
  isToRepeat = false;
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
    const timers = [
      clock.setTimeout(() => listener.halfway(this), timeoutMs / 2),
      clock.setTimeout(() => listener.late(this), timeoutMs),
    ];
    signal.addEventListener('abort', abort, { once: true });
    this.#end = () => {
      signal.removeEventListener('abort', abort);
      for (const timer of timers) clock.clearTimeout(timer);
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
