import { describe, expect, it } from 'vitest';
import type { TrustedFolder } from '../../../../src/sharing/host/trusted-folder.node.js';
import { readValue, writeValue } from '../../../../src/sharing/host/value-files.node.js';

/** A member that does its steps only when it is its turn. */
type Steps = (folder: TrustedFolder) => Promise<void>;

/** The members' next steps. */
type Waiting = Map<number, () => void>;

/** A folder in memory, in which each access of one member is a step. */
function folderOf(files: Map<string, string>, waiting: Waiting, member: number): TrustedFolder {
  const step =
    <Given extends unknown[], T>(work: (...given: Given) => T) =>
    async (...given: Given): Promise<T> => {
      await new Promise<void>((go) => void waiting.set(member, go));
      return work(...given);
    };
  const folder = {
    make: async () => {},
    names: step(() => [...files.keys()]),
    read: step((name: string) => files.get(name)),
    publish: step((name: string, text: string) => !files.has(name) && files.set(name, text).has(name)),
    remove: step((name: string) => void files.delete(name)),
  };
  return folder as unknown as TrustedFolder;
}

/** The work between two steps takes microtasks only. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs the members in every order of their first `depth` steps; after those, the first one goes on.
 * @returns the number of orders
 */
async function inEveryOrder(
  depth: number,
  make: () => { readonly files: Map<string, string>; readonly members: readonly Steps[]; check(): void },
): Promise<number> {
  let orders = 0;
  for (const open: number[][] = [[]]; open.length > 0; orders += 1) {
    const order = open.pop() ?? [];
    const { files, members, check } = make();
    const waiting: Waiting = new Map();
    const ends = Promise.all(members.map((steps, at) => steps(folderOf(files, waiting, at))));
    const taken: number[] = [];
    for (await settled(); waiting.size > 0; await settled()) {
      const ready = [...waiting.keys()].sort();
      const next = order[taken.length] ?? ready[0] ?? 0;
      if (taken.length >= order.length && taken.length < depth)
        for (const other of ready) if (other !== next) open.push([...taken, other]);
      taken.push(next);
      const go = waiting.get(next);
      waiting.delete(next);
      go?.();
    }
    await ends;
    check();
  }
  return orders;
}

const NAME = 'a1'.repeat(32);

/** What happened in one order. */
function record(epoch = 0) {
  const files = new Map(epoch === 0 ? [] : [[`${NAME}.${epoch}`, '{}']]);
  const accepted: { readonly epoch: number; readonly value: string }[] = [];
  const write = async (folder: TrustedFolder, after: number, value: string): Promise<void> => {
    if (await writeValue(folder, NAME, { after, value, lifeMs: 60_000 }))
      accepted.push({ epoch: after + 1, value });
  };
  /** At most one writer an epoch; the last one stays, and nothing else does. */
  const check = () => {
    expect(new Set(accepted.map((one) => one.epoch)).size).toBe(accepted.length);
    expect(files.size).toBe(1);
    const last = Math.max(...accepted.map((one) => one.epoch));
    const [[name, text]] = [...files] as [[string, string]];
    expect(name).toBe(`${NAME}.${last}`);
    expect(JSON.parse(text).value).toBe(accepted.find((one) => one.epoch === last)?.value);
  };
  return { files, write, check };
}

describe('in every order of the steps of three members', () => {
  it('of writers with the same epoch, one is accepted, and its value stays', async () => {
    const orders = await inEveryOrder(7, () => {
      const { files, write, check } = record();
      const members = ['a', 'b', 'c'].map(
        (value): Steps =>
          (folder) =>
            write(folder, 0, value),
      );
      return { files, members, check };
    });
    expect(orders).toBeGreaterThan(100);
  });

  it('members that read and then write never replace a newer value', async () => {
    const orders = await inEveryOrder(7, () => {
      const { files, write, check } = record();
      const members = ['a', 'b', 'c'].map(
        (value): Steps =>
          async (folder) => {
            const { epoch = 0 } = (await readValue(folder, NAME)) ?? {};
            await write(folder, epoch, value);
          },
      );
      return { files, members, check };
    });
    expect(orders).toBeGreaterThan(500);
  });

  it('a writer that is late by any number of epochs changes nothing, and a reader sees epochs that only rise', async () => {
    const orders = await inEveryOrder(9, () => {
      const { files, write, check } = record(5);
      const seen: number[] = [];
      const members: Steps[] = [
        async (folder) => {
          for (const after of [5, 6]) await write(folder, after, `renewal ${after}`);
        },
        (folder) => write(folder, 5, 'late'),
        async (folder) => {
          for (let reads = 0; reads < 3; reads += 1) seen.push((await readValue(folder, NAME))?.epoch ?? 0);
        },
      ];
      return {
        files,
        members,
        check() {
          check();
          expect(seen).toEqual([...seen].sort());
          expect(seen[0]).toBeGreaterThanOrEqual(5);
        },
      };
    });
    expect(orders).toBeGreaterThan(1_000);
  });
});
