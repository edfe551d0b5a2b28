import type { Observable } from 'rxjs';
import { News, type Receiver } from '../async/news.js';
import { UserStream } from '../async/user-stream.js';
import type { LogHandler } from '../log/log.js';
import { faultLog } from '../log/user-callback.js';
import type { TokenDetails } from '../token/token-details.js';
import { type AuthState, isSameState } from './auth-state.js';

/** What the streams of a client stand on. */
export interface StreamSupply {
  /** The token in use, if it is not known to be dead. */
  readonly currentToken: TokenDetails | null;
  readonly state: AuthState;
  /** Somebody listens to the tokens, so one is needed. */
  need(): void;
  /** Somebody listens. */
  listenedTo(): void;
  /** Somebody listens to the tokens no more. */
  left(): void;
}

/** What one client has to tell, as streams. rxjs's one door for that. */
export class Streams {
  /** The tokens in use, the present one first. */
  readonly token$: Observable<TokenDetails>;
  /** The states, the present one first. */
  readonly state$: Observable<AuthState>;
  // Made for the first who listens.
  #tokens: News<TokenDetails | null> | undefined;
  #states: News<AuthState | null> | undefined;
  #isComplete = false;

  constructor(supply: StreamSupply, log: LogHandler) {
    this.token$ = new UserStream(faultLog(log, 'a subscriber of token$'), (subscriber) => {
      this.#tokens ??= new News();
      return follow(this.#isComplete ? null : this.#tokens, subscriber, {
        begin: () => supply.need(),
        present: () => supply.currentToken,
        isSame: (a, b) => a.token === b.token,
        end: () => supply.left(),
      });
    });
    this.state$ = new UserStream(faultLog(log, 'a subscriber of state$'), (subscriber) => {
      this.#states ??= new News();
      return follow(this.#isComplete ? null : this.#states, subscriber, {
        begin: () => supply.listenedTo(),
        present: () => supply.state,
        isSame: isSameState,
      });
    });
  }

  /** Whether somebody listens to the tokens. */
  get areTokensHeard(): boolean {
    return this.#tokens?.isHeard ?? false;
  }

  /** Whether somebody listens to the states. */
  get areStatesHeard(): boolean {
    return this.#states?.isHeard ?? false;
  }

  /** @param token null: the one before is forgotten, and may come again */
  nextToken(token: TokenDetails | null): void {
    this.#tokens?.next(token);
  }

  nextState(state: AuthState): void {
    this.#states?.next(state);
  }

  complete(): void {
    this.#isComplete = true;
    this.#tokens?.complete();
    this.#states?.complete();
  }
}

interface Following<T> {
  /** What a listener sets going. */
  begin(): void;
  /** The present value. */
  present(): T | null;
  /** Whether two values tell the same: nothing is told twice in a row. */
  isSame(a: T, b: T): boolean;
  /** What the end of the listening sets going. */
  end?(): void;
}

/** Tells `subscriber` the present value first, and then the news; null: there are no more. */
function follow<T>(
  news: News<T | null> | null,
  subscriber: Receiver<T>,
  { begin, present, isSame, end }: Following<T>,
): (() => void) | undefined {
  let last: T | null = null;
  const tell = (value: T | null) => {
    const isNews = value !== null && (last === null || !isSame(last, value));
    last = value;
    if (isNews) subscriber.next(value);
  };
  // First, for what the subscriber is told may make news.
  const leave = news?.add({ next: tell, complete: () => subscriber.complete() });
  if (news !== null) begin();
  const first = present();
  if (last === null && first !== null) tell(first);
  if (news === null) subscriber.complete();
  return () => {
    leave?.();
    end?.();
  };
}
