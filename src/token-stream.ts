import { BehaviorSubject, distinctUntilChanged, Observable, Subject } from 'rxjs';
import { type AuthState, isSameState } from './auth-state.js';
import type { TokenDetails } from './token/token-details.js';

/** What a stream of tokens stands on. */
export interface TokenSupply {
  /** The token in use, if it is not known to be dead. */
  current(): TokenDetails | null;
  /** Somebody listens, so a token is needed. */
  need(): void;
}

/** The tokens of one client as a stream. rxjs's one door, together with {@link StateStream}. */
export class TokenStream {
  readonly #tokens = new Subject<TokenDetails>();
  readonly token$: Observable<TokenDetails>;

  constructor(supply: TokenSupply) {
    const all = new Observable<TokenDetails>((subscriber) => {
      const held = supply.current();
      if (held !== null) subscriber.next(held);
      const subscription = this.#tokens.subscribe(subscriber);
      if (held === null && !subscriber.closed) supply.need();
      return subscription;
    });
    this.token$ = all.pipe(distinctUntilChanged((a, b) => a.token === b.token));
  }

  next(token: TokenDetails): void {
    this.#tokens.next(token);
  }

  complete(): void {
    this.#tokens.complete();
  }
}

/** The states of one client as a stream, the present one first. */
export class StateStream {
  readonly #states: BehaviorSubject<AuthState>;
  readonly state$: Observable<AuthState>;

  constructor(current: AuthState) {
    this.#states = new BehaviorSubject(current);
    this.state$ = this.#states.pipe(distinctUntilChanged(isSameState));
  }

  next(state: AuthState): void {
    this.#states.next(state);
  }

  complete(): void {
    this.#states.complete();
  }
}
