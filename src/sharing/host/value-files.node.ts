import { textIn } from '../../redaction/received.js';
import type { StoredValue, StoreWrite } from '../port.js';
import { readStamped, stamped } from './stamp.node.js';
import type { TrustedFolder } from './trusted-folder.node.js';

/** A value is replaced while it is read. More often than this in a row, the folder is not usable. */
const MOST_READS = 20;

/** The value of a name, which is the file with the highest epoch. */
export async function readValue(folder: TrustedFolder, name: string): Promise<StoredValue | null> {
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const epoch = await latestEpoch(folder, name);
    if (epoch === 0) return null;
    const text = await folder.read(fileOf(name, epoch));
    if (text === undefined) continue;
    const { content, ageMs, leftMs } = readStamped(text);
    // The epoch of a value whose life is over still counts: it tells late writers that they are.
    return { epoch, value: (leftMs >= 0 && textIn(content, 'value')) || '', ageMs };
  }
  throw new Error('other processes replace the value faster than it can be read');
}

/**
 * Writes the file of the next epoch. Two writers cannot both: the second one finds the file. A writer that was late finds
 * a file with a higher epoch.
 */
export async function writeValue(
  folder: TrustedFolder,
  name: string,
  { after, value, lifeMs }: StoreWrite,
): Promise<boolean> {
  await folder.make();
  if ((await latestEpoch(folder, name)) !== after) return false;
  const own = after + 1;
  if (!(await folder.publish(fileOf(name, own), stamped({ value }, lifeMs)))) return false;
  const epochs = await epochsOf(folder, name);
  if (Math.max(...epochs) > own) {
    await folder.remove(fileOf(name, own));
    return false;
  }
  for (const epoch of epochs) if (epoch < own) await folder.remove(fileOf(name, epoch));
  return true;
}

/** 0: there is no value. */
export const latestEpoch = async (folder: TrustedFolder, name: string): Promise<number> =>
  Math.max(0, ...(await epochsOf(folder, name)));

async function epochsOf(folder: TrustedFolder, name: string): Promise<number[]> {
  const all = (await folder.names()).map((file) => /^(.+)\.([1-9]\d{0,14})$/.exec(file) ?? []);
  return all.flatMap(([, of, epoch]) => (of === name ? [Number(epoch)] : []));
}

const fileOf = (name: string, epoch: number): string => `${name}.${epoch}`;
