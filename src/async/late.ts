import type { Part } from './part.js';

type Work<T> = (it: T) => void;

/** An object whose code is loaded with the first work for it. */
export interface Late<T> {
  /** Whether the object exists, and all kept work is done. */
  readonly isReady: boolean;
  /** Does the work: at once, or when the code is loaded. */
  run(work: Work<T>): void;
  /** Does the work if there was work before. It does not load the code by itself. */
  conclude(work: Work<T>): void;
}

/** The longest list of work that waits for the code. The oldest is dropped. */
const MOST_KEPT = 1_000;

/**
 * Keeps the work that comes before the code, and does it in order. If the code could not be loaded, the next work
 * loads it again.
 *
 * @param failed is called each time that the code could not be loaded
 */
export function late<Code, T>(
  part: Part<Code>,
  make: (code: Code) => T,
  failed: (error: unknown) => void,
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
    get isReady() {
      return it !== undefined;
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
        failed(error);
      });
    },
    conclude(work) {
      if (it !== undefined || kept.length > 0) this.run(work);
    },
  };
}
