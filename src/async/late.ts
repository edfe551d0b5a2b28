import type { Part } from './part.js';

type Work<T> = (it: T) => void;

/** Something whose code is loaded when there is the first work for it. */
export interface Late<T> {
  /** Whether it is there, and all that was kept is done. */
  readonly isReady: boolean;
  /** Does the work, at once or when the code is there. */
  run(work: Work<T>): void;
  /** Does the work after what came before; where nothing did, it is not worth loading the code for. */
  conclude(work: Work<T>): void;
}

/** More work is not kept: the oldest is dropped. */
const MOST_KEPT = 1_000;

/**
 * Work that comes before the code is kept, and done in order. Code that could not be loaded is loaded again with the
 * next work.
 *
 * @param failed hears of each time that it could not be loaded
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
