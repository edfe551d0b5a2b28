import type { Observer, Operator, Subscriber, Subscription } from 'rxjs';
import { Observable } from '#rxjs';
import { callUser } from '../log/user-callback.js';
import { inThisZone } from '../surroundings.js';
import type { Receiver } from './news.js';

/**
 * An Observable for users of the library. An error that a subscriber or an operator throws is logged; plain rxjs
 * would throw it again in a timer, which ends a Node process. A subscriber is called in the zone (zone.js) in
 * which it subscribed.
 */
export class UserStream<T> extends Observable<T> {
  /** Not `#failed`: private fields cannot be read through a Proxy, such as those of Vue. */
  private readonly failed: (thrown: unknown) => void;

  /** @param failed logs an error that a subscriber throws */
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

  /** Streams that operators make from this one log errors too. */
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

/** A Subscriber of rxjs itself, of any copy of rxjs: an operator within a pipe. */
function isSubscriber<T>(given: object | null | undefined): given is Subscriber<T> {
  return given !== null && given !== undefined && 'add' in given && 'unsubscribe' in given;
}
