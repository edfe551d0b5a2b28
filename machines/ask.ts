import type { Sealed } from '../src/token/sealed.js';

/** What one acquisition is asked for. What it holds is sealed: params and options may be secret. */
export interface Ask {
  /** `authorize()` was called; otherwise a token is needed or due. */
  readonly explicit: boolean;
  /** Arguments came with the call, so it is not for the stored terms. */
  readonly own: boolean;
  /** TokenParams and AuthOptions to use. Equal terms are the same box: whoever asks sees to that. */
  readonly terms: Sealed<unknown>;
}

/** Whether an acquisition running for `running` also answers `asked`. */
export function answers(running: Ask | null, asked: Ask): boolean {
  return running?.explicit === true && running.terms === asked.terms;
}
