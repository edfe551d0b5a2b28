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

/** The secrets of AuthOptions. Before the code for them is loaded, nothing that may contain one is shown. */
export const secretsOf = (options: Parameters<FullRedaction['secretsOf']>[0]): readonly string[] =>
  redaction()?.secretsOf(options) ?? [];

/**
 * A text of another party that can be shown. Before the code for it is loaded, none is.
 * @param known secrets that are always replaced
 */
export const shownText = (text: string, known?: readonly string[]): string =>
  redaction()?.redactText(text, known) ?? '[…]';
