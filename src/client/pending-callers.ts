import type { Clock, TimerHandle } from '../clock.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { TokenDetails } from '../token/token-details.js';

interface PendingCaller {
  readonly dueAt: number;
  resolve(token: TokenDetails): void;
  reject(error: ErrorInfo): void;
}

/**
 * The callers that wait for the running acquisition. Each acquisition has a deadline. A newer acquisition that
 * supersedes it starts a new deadline, so the first caller has a limit of its own: otherwise it could wait for
 * ever.
 */
export class PendingCallers {
  readonly #clock: Clock;
  /** The longest time that one of them waits. */
  readonly #budgetMs: number;
  #all: PendingCaller[] = [];
  #timer: { readonly handle: TimerHandle } | null = null;

  constructor({ clock, connection, deadlineMs }: ParsedClientOptions) {
    this.#clock = clock;
    // Opening a connection has a deadline of its own.
    this.#budgetMs = connection === undefined ? deadlineMs : 2 * deadlineMs;
  }

  add(resolve: PendingCaller['resolve'], reject: PendingCaller['reject']): void {
    const dueAt = this.#clock.monotonic() + this.#budgetMs;
    this.#all.push({ dueAt, resolve, reject });
    const [first] = this.#all;
    // Callers of one moment wait for one acquisition, and need no timer.
    if (this.#timer === null && first !== undefined && first.dueAt < dueAt) this.#arm(first);
  }

  resolve(token: TokenDetails): void {
    for (const waiter of this.#leave()) waiter.resolve(token);
  }

  reject(error: ErrorInfo): void {
    for (const waiter of this.#leave()) waiter.reject(error);
  }

  #leave(): readonly PendingCaller[] {
    const all = this.#all;
    this.#all = [];
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer.handle);
    this.#timer = null;
    return all;
  }

  #arm({ dueAt }: PendingCaller): void {
    const handle = this.#clock.setTimeout(() => this.#rejectOverdue(), dueAt - this.#clock.monotonic());
    this.#timer = { handle };
  }

  #rejectOverdue(): void {
    const now = this.#clock.monotonic();
    const overdue = this.#all.filter(({ dueAt }) => dueAt <= now);
    this.#all = this.#all.filter(({ dueAt }) => dueAt > now);
    this.#timer = null;
    const [next] = this.#all;
    if (next !== undefined) this.#arm(next);
    for (const { reject } of overdue) {
      const message = `newer calls replaced this call, and none of them was settled within ${this.#budgetMs} ms`;
      reject(new ErrorInfo({ code: 40170, message, reason: 'timed out' }));
    }
  }
}
