import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostPort } from '../../../../src/sharing/host/host-port.node.js';
import { aName, anotherName, newFolder } from '../../../kit/shared-folder.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const write = (after: number, value = `value ${after + 1}`) => ({ after, value, lifeMs: MINUTE });

/** The wall clock is set. */
function setClock(to: number): void {
  const now = vi.spyOn(Date, 'now').mockReturnValue(to);
  onTestFinished(() => now.mockRestore());
}

describe('a value in a shared folder', () => {
  it('a folder that does not exist has no values, and the first write creates it for its user alone', async () => {
    const folder = newFolder();
    const port = hostPort(join(folder, 'deep'));
    expect(await port.read(aName)).toBeNull();
    expect(await port.write(aName, write(0))).toBe(true);
    for (const path of [folder, join(folder, 'deep')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'deep'))).toEqual([`${aName}.1`]);
    expect(statSync(join(folder, 'deep', `${aName}.1`)).mode & 0o777).toBe(0o600);
  });

  it('the value is the one of the last write, for every process, with its epoch and age', async () => {
    const folder = newFolder();
    const at = Date.now();
    setClock(at);
    expect(await hostPort(folder).write(aName, write(0))).toBe(true);
    expect(await hostPort(folder).write(aName, write(1, 'a "quoted"\n line \u2028 and 😀'))).toBe(true);
    expect(await hostPort(folder).write(anotherName, write(0))).toBe(true);
    setClock(at + 40_000);
    expect(await hostPort(folder).read(aName)).toEqual({
      epoch: 2,
      value: 'a "quoted"\n line \u2028 and 😀',
      ageMs: 40_000,
    });
    expect(readdirSync(folder).sort()).toEqual([`${aName}.2`, `${anotherName}.1`]);
  });

  it('a value of 256 KiB is written and read', async () => {
    const port = hostPort(newFolder());
    const value = '\u0001'.repeat(262_144);
    await port.write(aName, write(0, value));
    expect((await port.read(aName))?.value === value).toBe(true);
  });

  it.each([
    ['an older epoch', 1],
    ['an epoch that is not there yet', 3],
    ['no value', 0],
  ])('a write after %s changes nothing', async (_what, after) => {
    const folder = newFolder();
    const port = hostPort(folder);
    await port.write(aName, write(0));
    await port.write(aName, write(1));
    expect(await port.write(aName, write(after, 'late'))).toBe(false);
    expect(await port.read(aName)).toMatchObject({ epoch: 2, value: 'value 2' });
    expect(readdirSync(folder)).toEqual([`${aName}.2`]);
  });

  it('of many writers at once one is accepted, each time', async () => {
    const folder = newFolder();
    const writers = Array.from({ length: 12 }, () => hostPort(folder));
    for (let epoch = 0; epoch < 10; epoch += 1) {
      const accepted = await Promise.all(writers.map((port) => port.write(aName, write(epoch))));
      expect(accepted.filter((isAccepted) => isAccepted)).toHaveLength(1);
    }
    expect(readdirSync(folder)).toEqual([`${aName}.10`]);
  });

  it('a value whose life is over is not shown, and its epoch still counts', async () => {
    const port = hostPort(newFolder());
    const at = Date.now();
    setClock(at);
    await port.write(aName, write(0));
    setClock(at + MINUTE);
    expect(await port.read(aName)).toMatchObject({ value: 'value 1' });
    setClock(at + MINUTE + 1);
    expect(await port.read(aName)).toMatchObject({ epoch: 1, value: '' });
    expect(await port.write(aName, write(0))).toBe(false);
    expect(await port.write(aName, write(1))).toBe(true);
  });

  it('a value from the future is not shown: the clock was set back, and its age is not known', async () => {
    const port = hostPort(newFolder());
    const at = Date.now();
    setClock(at);
    await port.write(aName, write(0));
    setClock(at - 500);
    expect(await port.read(aName)).toMatchObject({ epoch: 1, value: 'value 1' });
    setClock(at - DAY);
    expect(await port.read(aName)).toMatchObject({ epoch: 1, value: '' });
  });

  it('a clock that was set back makes no value younger than the time that the machine has been running since', async () => {
    const folder = newFolder();
    await hostPort(folder).write(aName, write(0));
    const path = join(folder, `${aName}.1`);
    const written = JSON.parse(readFileSync(path, 'utf8'));
    expect(written.uptimeMs / 1_000).toBeCloseTo(uptime(), -2);
    writeFileSync(path, JSON.stringify({ ...written, uptimeMs: written.uptimeMs - 50_000 }));
    const { ageMs = 0 } = (await hostPort(folder).read(aName)) ?? {};
    expect(ageMs).toBeGreaterThanOrEqual(50_000);
  });

  it.each([
    ['is empty, as after a power failure', ''],
    ['is no JSON', 'a token'],
    ['is JSON of another kind', '[1]'],
    ['has no value', '{"at":1,"uptimeMs":1,"lifeMs":1e300}'],
    ['is too large', JSON.stringify({ at: 1, uptimeMs: 1, lifeMs: 1e300, value: 'a'.repeat(2_000_000) })],
    ['is nested deeply', '['.repeat(100_000)],
  ])('a file that %s is no value, and the next write replaces it', async (_what, text) => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, `${aName}.7`), text, { mode: 0o600 });
    const port = hostPort(folder);
    expect(await port.read(aName)).toMatchObject({ epoch: 7, value: '' });
    expect(await port.write(aName, write(7))).toBe(true);
    expect(await port.read(aName)).toMatchObject({ epoch: 8, value: 'value 8' });
    expect(readdirSync(folder)).toEqual([`${aName}.8`]);
  });

  it('files of other programs, and of other forms of the name, are no values and stay', async () => {
    const folder = newFolder();
    mkdirSync(folder, { mode: 0o700 });
    const others = ['notes.9', `${aName}.01`, `${aName}.-1`, `${aName}.1e3`, `x${aName}.5`, `${aName}.9.9`];
    for (const name of others) writeFileSync(join(folder, name), 'mine');
    const port = hostPort(folder);
    expect(await port.read(aName)).toBeNull();
    await port.write(aName, write(0));
    expect(readdirSync(folder).sort()).toEqual([...others, `${aName}.1`].sort());
  });

  it('a folder that was removed is created again', async () => {
    const folder = newFolder();
    const port = hostPort(folder);
    await port.write(aName, write(0));
    rmSync(folder, { recursive: true });
    expect(await port.read(aName)).toBeNull();
    expect(await port.write(aName, write(1))).toBe(false);
    expect(await port.write(aName, write(0))).toBe(true);
    expect(await port.read(aName)).toMatchObject({ epoch: 1 });
  });
});
