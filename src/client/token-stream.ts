import type { Observable } from 'rxjs';
import { News, type Receiver } from '../async/news.js';
import { UserStream } from '../async/user-stream.js';
import type { LogHandler } from '../log/log.js';
import { faultLog } from '../log/user-callback.js';
import type { TokenDetails } from '../token/token-details.js';
import { type AuthState, isSameState } from './auth-state.js';

/** What the streams of a client need. */
export interface StreamSupply {
  /** The current token, unless it is known to be expired. */
  readonly currentToken: TokenDetails | null;
  readonly state: AuthState;
  /** The tokens have a subscriber, so a token is needed. */
  need(): void;
  /** A stream or an event has a subscriber. */
  listenedTo(): void;
  /** A subscriber of the tokens has left. */
  left(): void;
}

/** The streams of one client. Only this file of the client uses rxjs. */
export class Streams {
  /** The tokens: the current one first, then each new one. */
  readonly token$: Observable<TokenDetails>;
  /** The states: the current one first, then each new one. */
  readonly state$: Observable<AuthState>;
  // Made for the first subscriber.
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

  /** Whether the tokens have a subscriber. */
  get areTokensHeard(): boolean {
    return this.#tokens?.isHeard ?? false;
  }

  /** Whether the states have a subscriber. */
  get areStatesHeard(): boolean {
    return this.#states?.isHeard ?? false;
  }

  /** @param token null: the last token is forgotten, so that it may be emitted again */
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
  /** Called when a subscription begins. */
  begin(): void;
  /** The current value. */
  present(): T | null;
  /** Whether two values are equal: an equal value is not emitted twice in a row. */
  isSame(a: T, b: T): boolean;
  /** Called when a subscription ends. */
  end?(): void;
}

/** Emits the current value to `subscriber`, and then the new ones. null: there are no new ones. */
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
  // Added first: the first value may cause a new one.
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
