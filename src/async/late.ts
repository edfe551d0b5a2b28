import type { Part } from './part.js';

type Work<T> = (it: T) => void;

/** An object whose code is loaded with the first work for it. */
export interface Late<T> {
  /** The object. undefined: it does not exist yet, or work waits for it. */
  readonly now: T | undefined;
  /** Does the work: at once, or when the code is loaded. */
  run(work: Work<T>): void;
  /** Does the work if there was work before. It does not load the code by itself. */
  conclude(work: Work<T>): void;
}

/** How much work may wait for the code. Above this limit the oldest work is dropped. */
const MOST_KEPT = 1_000;

/**
 * Work that is given before the code is loaded waits, and is then done in order. If the code could not be loaded,
 * the next work tries to load it again.
 *
 * @param failed called each time the code could not be loaded
 */
export function late<Code, T>(
  part: Part<Code>,
  make: (code: Code) => T,
  failed?: (error: unknown) => void,
): Late<T> {
  let it: T | undefined;
  const kept: Work<T>[] = [];
  let isLoading = false;
  const catchUp = (code: Code): void => {
    const made = make(code);
    for (let work = kept.shift(); work !== undefined; work = kept.shift()) work(made);
    it = made;
  };
  return {
    get now() {
      return it;
    },
    run(work) {
      if (it === undefined && !isLoading && part.loaded !== undefined) catchUp(part.loaded);
      if (it !== undefined) {
        work(it);
        return;
      }
      kept.push(work);
      if (kept.length > MOST_KEPT) kept.shift();
      if (isLoading) return;
      isLoading = true;
      part.load().then(catchUp, (error: unknown) => {
        isLoading = false;
        failed?.(error);
      });
    },
    conclude(work) {
      if (it !== undefined || kept.length > 0) this.run(work);
    },
  };
}
