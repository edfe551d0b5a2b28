import { checkRuntime } from '#runtime';
import { knownGlobal, knownMember } from '../known-global.js';
import { lacking } from './lacking.js';

/** `Symbol.dispose`, for `using`. On a platform without it, the symbol that compilers use instead. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Whether this runs in a page. */
export const isPage = (): boolean => typeof knownGlobal('document') === 'object';

/** Runs `call` as a microtask. */
export function soon(call: () => void): void {
  Promise.resolve().then(call);
}

/** @throws {ErrorInfo} 40003 if Node is too old, or the platform has no AbortController, which every request needs */
export function checkPlatform(): void {
  checkRuntime();
  if (typeof knownGlobal('AbortController') !== 'function') throw lacking('AbortController');
}

/** @throws {ErrorInfo} 40003 if the platform lacks what a token endpoint is made of */
export function checkEndpointPlatform(signsJwts: boolean): void {
  if (typeof knownGlobal('Response') !== 'function') throw lacking('Response');
  if (!signsJwts) return;
  if (knownMember('crypto', 'subtle') === undefined) throw lacking('crypto.subtle');
  if (typeof knownGlobal('TextEncoder') !== 'function') throw lacking('TextEncoder');
}
