import { parts } from '../../src/client/parts.js';
import { connectionParts } from '../../src/connection/realtime/parts.js';
import { sharedTokens } from '../../src/sharing/token-sharing.js';

/**
 * Loads the parts that are loaded on first use. In virtual time nothing may wait for the disk: how much virtual time
 * passes meanwhile would be chance.
 */
export async function loadLateParts(): Promise<void> {
  const all = [...Object.values(connectionParts), ...Object.values(parts), sharedTokens];
  await Promise.all(all.map((part) => part.load()));
}
