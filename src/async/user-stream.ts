import type { Observer, Operator, Subscriber, Subscription } from 'rxjs';
import { Observable } from '#rxjs';
import { callUser } from '../log/user-callback.js';
import { inThisZone } from '../zones.js';
import type { Receiver } from './news.js';

/**
 * A stream for users: what a subscriber or an operator in its pipe throws is logged. rxjs alone would throw
 * it from a timer, which ends a Node process. A subscriber is called in the zone that it subscribed in.
 */
export class UserStream<T> extends Observable<T> {
  /** Not `#failed`: a Proxy of a stream, as Vue makes, has no private fields. */
  private readonly failed: (thrown: unknown) => void;

  /** @param failed logs what a subscriber throws */
  constructor(
    failed: (thrown: unknown) => void,
    subscribe?: (subscriber: Receiver<T>) => (() => void) | undefined,
  ) {
    super(
      subscribe &&
        ((subscriber) =>
          subscribe({
            next: inThisZone((value: T) => subscriber.next(value)),
            complete: inThisZone(() => subscriber.complete()),
          })),
    );
    this.failed = failed;
  }

  /** What a pipe makes of it is guarded like itself. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new UserStream<R>(this.failed);
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
    const { failed } = this;
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
