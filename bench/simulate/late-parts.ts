import { parts } from '../../src/client/parts.js';
import { connectionParts } from '../../src/connection/realtime/parts.js';

/**
 * Loads the parts that are loaded on first use. In virtual time nothing may wait for the disk: how much virtual time
 * passes meanwhile would be chance.
 */
export async function loadLateParts(): Promise<void> {
  await Promise.all([...Object.values(connectionParts), ...Object.values(parts)].map((part) => part.load()));
}
