import type { Clock } from '../clock.js';

/** Lets the process end. undefined: nothing keeps the process alive. */
export type LetGo = (() => void) | undefined;

/**
 * Keeps the Node process alive while `isWanted` is true. Call it after each change of state that may change
 * `isWanted`.
 *
 * @param letGo the result of the previous call
 * @returns the argument for the next call
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
