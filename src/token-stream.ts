import { Observable, Subject } from 'rxjs';
import { type AuthState, isSameState } from './auth-state.js';
import type { TokenDetails } from './token/token-details.js';

/** What the streams of a client stand on. */
export interface StreamSupply {
  /** The token in use, if it is not known to be dead. */
  readonly held: TokenDetails | null;
  readonly state: AuthState;
  /** Somebody listens, so a token is needed. */
  need(): void;
}

/** A stream that tells each of its listeners the present value first, and nothing twice in a row. */
class Replayed<T> {
  /** Made for the first who listens. */
  #news: Subject<T> | undefined;
  #isComplete = false;

  get isHeard(): boolean {
    return this.#news?.observed ?? false;
  }

  /** @param isSame whether two values tell the same */
  listen(
    current: T | null,
    isSame: (a: T, b: T) => boolean,
    listener: { next(value: T): void; complete(): void },
  ) {
    let last = current;
    if (current !== null) listener.next(current);
    if (this.#isComplete) return listener.complete();
    this.#news ??= new Subject();
    return this.#news.subscribe({
      next: (value) => {
        if (last !== null && isSame(last, value)) return;
        last = value;
        listener.next(value);
      },
      complete: () => listener.complete(),
    });
  }

  next(value: T): void {
    this.#news?.next(value);
  }

  complete(): void {
    this.#isComplete = true;
    this.#news?.complete();
  }
}

const isSameToken = (a: TokenDetails, b: TokenDetails): boolean => a.token === b.token;

/** The tokens of one client as a stream. rxjs's one door, together with {@link StateStream}. */
export class TokenStream extends Replayed<TokenDetails> {
  readonly token$: Observable<TokenDetails>;

  constructor(supply: StreamSupply) {
    super();
    this.token$ = new Observable((subscriber) => {
      const { held } = supply;
      const subscription = this.listen(held, isSameToken, subscriber);
      if (held === null && !subscriber.closed) supply.need();
      return subscription;
    });
  }
}

/** The states of one client as a stream, the present one first. */
export class StateStream extends Replayed<AuthState> {
  readonly state$: Observable<AuthState>;

  constructor(supply: StreamSupply) {
    super();
    this.state$ = new Observable((subscriber) => this.listen(supply.state, isSameState, subscriber));
  }
}
