import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostPort } from '../../src/sharing/host/host-port.node.js';
import { removeLeftovers } from '../../src/sharing/host/leftovers.node.js';
import { thisProcess } from '../../src/sharing/host/process-life.node.js';
import { eventually } from '../kit/eventually.js';
import { aName, anotherName, newFolder } from '../kit/shared-folder.js';

vi.mock('../../src/sharing/host/leftovers.node.js', { spy: true });

const MINUTE = 60_000;
const ended = (minutesAgo: number, more: object = {}) => {
  const at = Date.now() - minutesAgo * MINUTE;
  return JSON.stringify({ at, uptimeMs: 1e12, lifeMs: 0, value: '', ...more });
};

/** A folder with files, each with its text and the minutes since it was written. */
function folderWith(files: Readonly<Record<string, readonly [text: string, minutesAgo: number]>>): string {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o700 });
  for (const [name, [text, minutesAgo]] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    const at = Date.now() / 1_000 - minutesAgo * 60;
    utimesSync(join(folder, name), at, at);
  }
  return folder;
}

const temporary = 'a7f1c0de-0000-4000-8000-000000000000.latchkey-tmp';
const write = (after: number) => ({ after, value: 'a', lifeMs: MINUTE });
const written = `${aName}.1`;

describe('what ended processes left in a shared folder', () => {
  it('temporary files, values and leases are removed an hour after they are of use to no process', async () => {
    const folder = folderWith({
      [temporary]: ['', 61],
      [`${anotherName}.4`]: [ended(61), 61],
      [`${'c3'.repeat(32)}.lease`]: [ended(61, { pid: 1 }), 61],
    });
    await hostPort(folder).write(aName, write(0));
    await eventually(() => expect(readdirSync(folder)).toEqual([written]));
  });

  it('everything else stays', async () => {
    const target = join(newFolder(), '..', 'target');
    writeFileSync(target, ended(61));
    const leased = 'c3'.repeat(32);
    const folder = folderWith({
      [temporary]: ['', 59],
      [`${anotherName}.4`]: [ended(59), 59],
      // Its holder is about to replace the value.
      [`${leased}.2`]: [ended(61), 61],
      [`${leased}.lease`]: [ended(0, { ...(await thisProcess()), lifeMs: MINUTE }), 0],
      // The age is not known, so the epoch counts.
      [`${'d4'.repeat(32)}.9`]: ['', 1e6],
      [`${'e5'.repeat(32)}.9`]: [ended(-61), 1e6],
      'notes.txt': ['mine', 1e6],
      'other.tmp': ['mine', 1e6],
      'other.7': [ended(61), 1e6],
    });
    symlinkSync(target, join(folder, `${'f6'.repeat(32)}.3`));
    const before = readdirSync(folder);
    const port = hostPort(folder);
    await port.write(aName, write(0));
    // The second clean-up follows the first, which would have removed a file by then.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61 * MINUTE);
    onTestFinished(() => clock.mockRestore());
    const marker = `${'0a'.repeat(32)}.1`;
    writeFileSync(join(folder, marker), ended(61), { mode: 0o600 });
    await port.write(aName, write(1));
    await eventually(() => expect(readdirSync(folder).sort()).toEqual([...before, `${aName}.2`].sort()));
  });

  it('a process cleans up at its first write, and then once an hour', async () => {
    const port = hostPort(newFolder());
    const cleanUps = vi.mocked(removeLeftovers).mock.calls;
    const before = cleanUps.length;
    await port.read(aName);
    expect(cleanUps.length - before).toBe(0);
    for (const after of [0, 1, 2]) await port.write(aName, write(after));
    expect(cleanUps.length - before).toBe(1);
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60 * MINUTE);
    onTestFinished(() => clock.mockRestore());
    for (const after of [3, 4]) await port.write(aName, write(after));
    expect(cleanUps.length - before).toBe(2);
  });

  it('a clean-up that fails is no fault', async () => {
    vi.mocked(removeLeftovers).mockRejectedValueOnce(new Error('EIO'));
    expect(await hostPort(newFolder()).write(aName, write(0))).toBe(true);
  });
});
