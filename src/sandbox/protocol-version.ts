import { Fault } from './fault.js';

/**
 * Checks the protocol version in `X-Ably-Version` or `v`: every version number is accepted. @throws {Fault}
 * 40017
 */
export function checkVersion(version: string | null): void {
  if (version === null || /^[1-9]\d{0,2}(\.\d{1,3}){0,2}$|^0\.[89]$/.test(version)) return;
  throw new Fault('unsupported protocol version', 'it must be a version number such as 3 or 1.2');
}
