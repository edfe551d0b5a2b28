import { lacking } from './lacking.js';

/** The name of a method for `using`. Where a platform has none, compilers look for this one. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Whether this runs in a page. */
export const isPage = (): boolean => typeof globalThis.document === 'object';

/** Calls it as soon as the present call stack is empty. */
export function soon(call: () => void): void {
  Promise.resolve().then(call);
}

/** @throws {ErrorInfo} 40003 for a platform that lacks what nothing works without */
export function checkPlatform(): void {
  if (typeof globalThis.AbortController !== 'function') throw lacking('AbortController');
}
