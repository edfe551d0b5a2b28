import type { Clock } from '../clock.js';

/** Ends a hold on the process; undefined: there is none. */
export type LetGo = (() => void) | undefined;

/**
 * Keeps the process alive while something is wanted, and not longer. To be called whenever that may have
 * changed: it is read from the state at hand, so nothing that was wanted once is left behind.
 *
 * @param letGo what the call before returned
 * @returns for the call that follows
 */
export function holdWhile(
  isWanted: boolean,
  letGo: LetGo,
  { clock, keepAlive }: { readonly clock: Clock; readonly keepAlive: boolean },
): LetGo {
  if (isWanted && keepAlive) return letGo ?? clock.hold?.();
  letGo?.();
  return undefined;
}
