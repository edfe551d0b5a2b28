import { Observable, Subject, type Subscription } from 'rxjs';
import { type AuthState, isSameState } from './auth-state.js';
import type { TokenDetails } from './token/token-details.js';

/** What the streams of a client stand on. */
export interface StreamSupply {
  /** The token in use, if it is not known to be dead. */
  readonly held: TokenDetails | null;
  readonly state: AuthState;
  /** Somebody listens to the tokens, so one is needed. */
  need(): void;
  /** Somebody listens. */
  listenedTo(): void;
}

/** How a listener begins. */
interface Replay<T> {
  begin(): void;
  current(): T | null;
  isSame(a: T, b: T): boolean;
}

/** A stream that tells each of its listeners the present value first, and nothing twice in a row. */
class Replayed<T> {
  /** Made for the first who listens. */
  #news: Subject<T> | undefined;
  #isComplete = false;

  get isHeard(): boolean {
    return this.#news?.observed ?? false;
  }

  /**
   * `begin` is what a listener sets going, `current` the present value; `isSame`: whether two values tell
   * the same.
   */
  listen(
    { begin, current, isSame }: Replay<T>,
    listener: { next(value: T): void; complete(): void },
  ): Subscription | undefined {
    let last: T | null = null;
    const tell = (value: T | null) => {
      if (value === null || (last !== null && isSame(last, value))) return;
      last = value;
      listener.next(value);
    };
    if (this.#isComplete) {
      tell(current());
      listener.complete();
      return undefined;
    }
    this.#news ??= new Subject();
    // First, for what it is told may make news.
    const subscription = this.#news.subscribe({ next: tell, complete: () => listener.complete() });
    begin();
    if (last === null) tell(current());
    return subscription;
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
      const replay = { begin: () => supply.need(), current: () => supply.held, isSame: isSameToken };
      return this.listen(replay, subscriber);
    });
  }
}

/** The states of one client as a stream, the present one first. */
export class StateStream extends Replayed<AuthState> {
  readonly state$: Observable<AuthState>;

  constructor(supply: StreamSupply) {
    super();
    this.state$ = new Observable((subscriber) => {
      const replay = { begin: () => supply.listenedTo(), current: () => supply.state, isSame: isSameState };
      return this.listen(replay, subscriber);
    });
  }
}
