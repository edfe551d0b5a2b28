import { checkRuntime } from '#runtime';
import { knownGlobal, knownMember } from '../surroundings.js';
import { lacking } from './lacking.js';

/** `Symbol.dispose`, for `using`. On a platform without it, the symbol that compilers use instead. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Whether this runs in a page. */
export const isPage = (): boolean => typeof knownGlobal('document') === 'object';

/**
 * Whether this runs on a user's device: in a page, in one of its workers, or in React Native. Servers have a
 * `navigator` too, but none calls itself Mozilla, as every browser does.
 */
export const isDevice = (): boolean =>
  isPage() ||
  /^ReactNative|Mozilla\//.test(
    `${knownMember('navigator', 'product')} ${knownMember('navigator', 'userAgent')}`,
  );

/** Runs `call` as a microtask. */
export function soon(call: () => void): void {
  Promise.resolve().then(call);
}

/** @throws {ErrorInfo} 40003 if Node is too old, or the platform has no AbortController, which every request needs */
export function checkPlatform(): void {
  checkRuntime();
  if (typeof knownGlobal('AbortController') !== 'function') throw lacking('AbortController');
}

/** Whether the platform has a function of that name, such as `crypto.subtle.sign`. */
function has(path: string): boolean {
  try {
    const [name = '', ...members] = path.split('.');
    const owner: unknown = knownGlobal(name as keyof typeof globalThis);
    return typeof members.reduce((part, member) => Reflect.get(Object(part), member), owner) === 'function';
  } catch {
    return false;
  }
}

/** The globals that each token endpoint needs, and those that an endpoint for pages of other origins needs besides. */
const OF_ENDPOINTS = ['Response', 'URLSearchParams'];
const OF_ORIGINS = ['URL.canParse'];

/** @throws {ErrorInfo} 40003 if the platform lacks a global that a token endpoint needs */
export function checkEndpointPlatform(servesOrigins: boolean): void {
  const lacks = [...OF_ENDPOINTS, ...(servesOrigins ? OF_ORIGINS : [])].find((name) => !has(name));
  if (lacks !== undefined) throw lacking(lacks);
}
