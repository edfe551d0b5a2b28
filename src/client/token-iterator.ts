import type { Observable } from 'rxjs';
import type { TokenDetails } from '../token/token-details.js';

/**
 * The tokens of a stream for `for await`. A slow reader gets the newest token and misses those before it. The
 * subscription lasts from the first step to the end of the loop.
 */
export function iterateTokens(token$: Observable<TokenDetails>): AsyncIterableIterator<TokenDetails> {
  let newest: TokenDetails | undefined;
  let isOver = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  let stop: (() => void) | undefined;
  const listen = () => {
    stop = () => {};
    const subscription = token$.subscribe({
      next: (token) => {
        newest = token;
        wake();
      },
      complete: () => end(),
    });
    stop = () => subscription.unsubscribe();
    if (isOver) stop();
  };
  const end = () => {
    isOver = true;
    newest = undefined;
    stop?.();
    wake();
  };
  return {
    async next() {
      if (stop === undefined && !isOver) listen();
      while (newest === undefined && !isOver) await new Promise<void>((go) => waiting.push(go));
      const value = newest;
      newest = undefined;
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
