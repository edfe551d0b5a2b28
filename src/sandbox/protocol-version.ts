import { Fault } from './fault.js';

/** The protocol's version, as `X-Ably-Version` or `v` name it: any that is one. @throws {Fault} 40017 */
export function checkVersion(version: string | null): void {
  if (version === null || /^[1-9]\d{0,2}(\.\d{1,3}){0,2}$|^0\.[89]$/.test(version)) return;
  throw new Fault('unsupported protocol version', 'it is not a version number');
}
