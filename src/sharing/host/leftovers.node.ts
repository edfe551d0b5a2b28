import { systemClock } from '../../clock.js';
import { leaseFile } from './lease-file.node.js';
import { readStamped } from './stamp.node.js';
import { isTemporary, type TrustedFolder } from './trusted-folder.node.js';

/** How long a file stays after it is of use to no process, ms. */
export const LEFTOVER_MS = 3_600_000;

/** A value or a lease. Other files of the folder are not ours. */
const OURS = /^([\da-f]{64})\.(lease|\d+)$/;

/** Removes what processes left that have ended, and values that are not replaced any more. */
export async function removeLeftovers(folder: TrustedFolder): Promise<void> {
  const names = await folder.names();
  const isLeased = (name: string) => names.includes(leaseFile(name));
  for (const file of names) {
    const [, name, kind] = OURS.exec(file) ?? [];
    if (isTemporary(file)) await removeTemporary(folder, file);
    // The holder of a lease is about to replace the value, and names its epoch.
    else if (name !== undefined && (kind === 'lease' || !isLeased(name))) await removeOver(folder, file);
  }
}

async function removeTemporary(folder: TrustedFolder, file: string): Promise<void> {
  const at = await folder.writtenAt(file);
  if (at !== undefined && systemClock.now() - at > LEFTOVER_MS) await folder.remove(file);
}

async function removeOver(folder: TrustedFolder, file: string): Promise<void> {
  // A file that is not trusted is a fault for the member that needs it, and not here.
  const text = await folder.read(file).catch(() => undefined);
  if (text === undefined) return;
  const { leftMs } = readStamped(text);
  // One whose age is not known stays: its epoch counts.
  if (Number.isFinite(leftMs) && leftMs < -LEFTOVER_MS) await folder.removeIf(file, text);
}
