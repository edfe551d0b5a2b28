import { randomUUID } from 'node:crypto';
import { isAlive, thisProcess } from './process-life.node.js';
import { readStamped, stamped } from './stamp.node.js';
import type { TrustedFolder } from './trusted-folder.node.js';

/** The file that says who has the lease of a name. */
export const leaseFile = (name: string): string => `${name}.lease`;

/**
 * Takes a lease. One of a process that does not live any more, one whose time is over, and one that cannot be read are
 * removed.
 *
 * @returns gives it back; null: another process, or another client of this one, has it
 */
export async function takeLease(
  folder: TrustedFolder,
  name: string,
  ms: number,
): Promise<(() => Promise<void>) | null> {
  const file = leaseFile(name);
  const found = await folder.read(file);
  if (found !== undefined) {
    if (await isHeld(found)) return null;
    await folder.removeIf(file, found);
  }
  await folder.make();
  const own = stamped({ ...(await thisProcess()), owner: randomUUID() }, ms);
  if (!(await folder.publish(file, own))) return null;
  return async () => {
    // If its time was over, another process may have the lease.
    if ((await folder.read(file)) === own) await folder.removeIf(file, own);
  };
}

async function isHeld(text: string | null): Promise<boolean> {
  const { content, leftMs } = readStamped(text);
  return leftMs >= 0 && (await isAlive(content));
}
