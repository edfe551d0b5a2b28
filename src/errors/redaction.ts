import { fullRedaction } from '#redaction';
import type { FullRedaction } from './full-redaction.js';

let loaded: FullRedaction | undefined;

/** The code for the words of others. undefined: it is not loaded yet. */
export const redaction = (): FullRedaction | undefined => loaded ?? fullRedaction();

/** Called when that code is loaded. */
export function useRedaction(it: FullRedaction): void {
  loaded = it;
}

let load = async (): Promise<unknown> => undefined;

/** @param how loads that code */
export function loadRedactionBy(how: typeof load): void {
  load = how;
}

/** Calls `then` at once if that code is there, else as soon as it is loaded, or cannot be. */
export function withRedaction(then: () => void): void {
  if (redaction() === undefined) load().then(then, then);
  else then();
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
