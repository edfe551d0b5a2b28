import { knownMember } from '../surroundings.js';
import { lacking } from './lacking.js';

/** Returns `count` cryptographic random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

/** @throws {ErrorInfo} 40003 if the platform has none, as React Native without a polyfill */
export const platformRandomBytes: RandomBytes = (count) => {
  checkRandomBytes();
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
};

const hasRandomBytes = (): boolean => typeof knownMember('crypto', 'getRandomValues') === 'function';

/** A whole number below 2^32, by the platform's random bytes where it has them; never for secrets. */
export const chance = (random?: () => number): number =>
  (hasRandomBytes() ? globalThis.crypto.getRandomValues(new Uint32Array(1))[0] : undefined) ??
  Math.floor((random?.() ?? 0) * 2 ** 32);

/** @throws {ErrorInfo} 40003 if the platform has none */
export function checkRandomBytes(): void {
  if (!hasRandomBytes()) {
    throw lacking('source of random bytes, which TokenRequests are signed with,', 'randomBytes');
  }
}
