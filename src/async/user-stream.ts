import type { Observer, Operator, Subscriber, Subscription } from 'rxjs';
import { Observable } from '#rxjs';
import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';

/**
 * A stream for users: what a subscriber or an operator in its pipe throws is logged. rxjs alone would throw
 * it from a timer, which ends a Node process.
 */
export class UserStream<T> extends Observable<T> {
  readonly #log: LogHandler;
  readonly #name: string;

  /** @param name what it is called in the log */
  constructor(
    log: LogHandler,
    name: string,
    subscribe?: (subscriber: Subscriber<T>) => (() => void) | undefined,
  ) {
    super(subscribe);
    this.#log = log;
    this.#name = name;
  }

  /** What a pipe makes of it is guarded like itself. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new UserStream<R>(this.#log, this.#name);
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    first?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (isSubscriber(first)) return super.subscribe(first);
    const observer: Partial<Observer<T>> =
      typeof first === 'object' && first !== null
        ? first
        : {
            ...(first ? { next: first } : {}),
            ...(error ? { error } : {}),
            ...(complete ? { complete } : {}),
          };
    const failed = faultLog(this.#log, `a subscriber of ${this.#name}`);
    return super.subscribe({
      next: (value) => callUser(() => observer.next?.(value), failed),
      error: (fault: unknown) =>
        observer.error === undefined ? failed(fault) : callUser(() => observer.error?.(fault), failed),
      complete: () => callUser(() => observer.complete?.(), failed),
    });
  }
}

/** One of rxjs's own, of whatever copy of it, in the middle of a pipe. */
function isSubscriber<T>(given: object | null | undefined): given is Subscriber<T> {
  return given !== null && given !== undefined && 'add' in given && 'unsubscribe' in given;
}
