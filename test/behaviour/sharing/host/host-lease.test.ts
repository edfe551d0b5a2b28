import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostPort } from '../../../../src/sharing/host/host-port.node.js';
import { thisProcess } from '../../../../src/sharing/host/process-life.node.js';
import { stamped } from '../../../../src/sharing/host/stamp.node.js';
import { TrustedFolder } from '../../../../src/sharing/host/trusted-folder.node.js';
import { aName, anotherName, newFolder } from '../../../kit/shared-folder.js';

const MINUTE = 60_000;

/** A process that does nothing until it is killed. */
async function idleProcess(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6); console.log("up")']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child as ChildProcess & { readonly pid: number };
}

/** A folder with a lease of that holder. */
function folderWithLease(holder: object, lifeMs = MINUTE): string {
  return folderWith(stamped({ owner: 'another', ...holder }, lifeMs));
}

function folderWith(text: string): string {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, `${aName}.lease`), text, { mode: 0o600 });
  return folder;
}

const textIn = (folder: string) => readFileSync(join(folder, `${aName}.lease`), 'utf8');

/** Whether the lease can be taken, and nothing else is left in the folder. */
async function isFree(folder: string): Promise<boolean> {
  const release = await hostPort(folder).lease(aName, MINUTE);
  if (release === null) return false;
  expect(readdirSync(folder)).toEqual([`${aName}.lease`]);
  expect(await hostPort(folder).lease(aName, MINUTE)).toBeNull();
  await release();
  expect(readdirSync(folder)).toEqual([]);
  return true;
}

describe('a lease in a shared folder', () => {
  it('one client has it, until it gives it back', async () => {
    const folder = newFolder();
    const ports = Array.from({ length: 10 }, () => hostPort(folder));
    const taken = await Promise.all(ports.map((port) => port.lease(aName, MINUTE)));
    const [release, ...more] = taken.filter((one) => one !== null);
    expect(more).toEqual([]);
    expect(await hostPort(folder).lease(anotherName, MINUTE)).not.toBeNull();
    await release?.();
    expect(await isFree(newFolder())).toBe(true);
    expect(await hostPort(folder).lease(aName, MINUTE)).not.toBeNull();
  });

  it('it ends with its time, and its holder then takes no lease of another away', async () => {
    const folder = newFolder();
    const at = Date.now();
    const now = vi.spyOn(Date, 'now').mockReturnValue(at);
    onTestFinished(() => now.mockRestore());
    const late = await hostPort(folder).lease(aName, MINUTE);
    now.mockReturnValue(at + MINUTE);
    expect(await hostPort(folder).lease(aName, MINUTE)).toBeNull();
    now.mockReturnValue(at + MINUTE + 1);
    expect(await hostPort(folder).lease(aName, MINUTE)).not.toBeNull();
    const text = textIn(folder);
    await late?.();
    expect(textIn(folder)).toBe(text);
  });

  it('a clock that was set back makes no lease longer', async () => {
    const folder = newFolder();
    await hostPort(folder).lease(aName, MINUTE);
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 60 * MINUTE);
    onTestFinished(() => now.mockRestore());
    expect(await isFree(folder)).toBe(true);
  });

  it('a process that lives keeps it, a killed one does not, whether its end was noticed by its parent or not', async () => {
    const child = await idleProcess();
    const { namespace } = await thisProcess();
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const folder = folderWithLease({ pid: child.pid, start, namespace });
    expect(await isFree(folder)).toBe(false);
    child.kill('SIGSTOP');
    expect(await isFree(folder)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isFree(folder)).toBe(true);
  });

  it('a process that has ended, but has a pid as long as its parent does not ask, does not keep it', async () => {
    // The child of the shell is never waited for, since the shell became another program.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 1000']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [said] = await once(parent.stdout, 'data');
    const pid = Number(String(said));
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'latin1');
    await vi.waitFor(() => expect(stat()).toContain(') Z '), { timeout: 20_000 });
    const start = stat()
      .slice(stat().lastIndexOf(')') + 2)
      .split(' ')[19];
    const { namespace } = await thisProcess();
    expect(await isFree(folderWithLease({ pid, start, namespace }))).toBe(true);
  });

  it('another process that has the same pid by now does not keep it', async () => {
    const own = await thisProcess();
    expect(await isFree(folderWithLease({ ...own }))).toBe(false);
    expect(await isFree(folderWithLease({ ...own, start: '1' }))).toBe(true);
  });

  it('a process of another container cannot be looked at, and keeps it until its time is over', async () => {
    const unseen = { pid: 1, start: '1', namespace: 'pid:[1]' };
    expect(await isFree(folderWithLease(unseen))).toBe(false);
    expect(await isFree(folderWithLease(unseen, -1))).toBe(true);
  });

  it('on a platform that tells no start of a process, the pid alone decides', async () => {
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    onTestFinished(() => platform.mockRestore());
    const child = await idleProcess();
    const folder = folderWithLease({ pid: child.pid });
    expect(await isFree(folder)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isFree(folder)).toBe(true);
    expect(await hostPort(folder).lease(aName, MINUTE)).not.toBeNull();
    expect(await hostPort(folder).lease(aName, MINUTE)).toBeNull();
  });

  it.each([
    ['that is empty', ''],
    ['that is no JSON', 'held!'],
    ['of no process', stamped({ owner: 'a' }, MINUTE)],
    ['of a group of processes', stamped({ owner: 'a', pid: 0 }, MINUTE)],
    ['of all processes', stamped({ owner: 'a', pid: -1 }, MINUTE)],
    ['without a time', JSON.stringify({ pid: process.pid, owner: 'a' })],
    ['that is too large', ' '.repeat(2_000_000)],
  ])('a lease %s stops nobody', async (_what, text) => {
    expect(await isFree(folderWith(text))).toBe(true);
  });

  it('a lease that the user may not read stops no member', async () => {
    const folder = folderWith('');
    chmodSync(join(folder, `${aName}.lease`), 0);
    expect(await isFree(folder)).toBe(true);
  });

  it('a stale lease that was replaced meanwhile is put back: the new holder keeps it', async () => {
    const folder = folderWithLease(await thisProcess());
    const fresh = textIn(folder);
    await new TrustedFolder(folder).removeIf(`${aName}.lease`, 'the stale one');
    expect(textIn(folder)).toBe(fresh);
    expect(readdirSync(folder)).toEqual([`${aName}.lease`]);
  });

  it('of many that find a stale lease at once, one takes it, or two for a moment, and no file is left over', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = folderWithLease({ pid: 0 });
      const taken = await Promise.all(Array.from({ length: 8 }, () => hostPort(folder).lease(aName, MINUTE)));
      const releases = taken.filter((one) => one !== null);
      expect(releases.length).toBeGreaterThanOrEqual(1);
      for (const release of releases) await release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});
