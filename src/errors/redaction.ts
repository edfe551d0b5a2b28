import { fullRedaction } from '#redaction';
import type { FullRedaction } from './full-redaction.js';
import type { Reason } from './reason.js';

let loaded: FullRedaction | undefined;

/** The code for the words of others. undefined: it is not loaded yet. */
export const redaction = (): FullRedaction | undefined => loaded ?? fullRedaction();

/** Called when that code is loaded. */
export function useRedaction(it: FullRedaction): void {
  loaded = it;
}

/** A reason. undefined: the value is none. */
export function knownReason(given: unknown): Reason | undefined {
  const full = redaction();
  if (full !== undefined) return full.reasonIn(given);
  return /^[a-z ]{4,15}$/.test(String(given)) ? (given as Reason) : undefined;
}

const HIDDEN = '[…]';

/** Without the code, all that is long is hidden. */
const LONG = /[^\s"'(),;]{20,}/g;
const LONGEST = 300;

/**
 * A text of another party that can be shown. Before the code for it is loaded, less is shown.
 * @param known secrets that are always replaced
 */
export function shownText(text: string, known: readonly string[] = []): string {
  const full = redaction();
  if (full !== undefined) return full.redactText(text, known);
  return known.length > 0 || text.length > LONGEST ? HIDDEN : text.replace(LONG, HIDDEN);
}

/** A text of our own without these secrets. */
export function withoutKnown(text: string, known: readonly string[]): string {
  const full = redaction();
  if (full !== undefined) return full.redactKnown(text, known);
  return known.reduce((rest, one) => (one.length < 4 ? rest : rest.split(one).join(HIDDEN)), text);
}
