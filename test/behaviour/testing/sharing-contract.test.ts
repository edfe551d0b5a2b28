import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { SharingPort } from '../../../src/sharing/index.js';
import {
  runSharingContract,
  type SharingHarness,
  sharingContract,
  VirtualClock,
} from '../../../src/testing/index.js';
import { memoryStore } from '../../kit/memory-store.js';

/** What a break may use. */
type Store = ReturnType<typeof memoryStore> & { readonly clock: VirtualClock };

/** @param change breaks the store, for each member apart */
function harnessOf(change: (store: Store, member: number) => Partial<SharingPort> = () => ({})) {
  const clock = new VirtualClock();
  const store = { ...memoryStore(clock), clock };
  let members = 0;
  const harness: SharingHarness & { disposals: number } = {
    open: () => ({ ...store.port, ...change(store, members++) }),
    wait: (ms) => clock.advance(ms),
    dispose() {
      harness.disposals += 1;
    },
    disposals: 0,
  };
  return harness;
}

const rules = sharingContract(() => harnessOf()).map(({ title }) => title);

/** A break of the store, and the rules that find it. */
const broken: readonly (readonly [
  what: string,
  change: (store: Store, member: number) => Partial<SharingPort>,
  found: readonly string[],
])[] = [
  [
    'has an empty value at first',
    ({ port }) => ({ read: async (name) => (await port.read(name)) ?? { epoch: 0, value: '', ageMs: 0 } }),
    ['read() gives null for a name without a value', 'names are independent'],
  ],
  [
    'drops what is not ASCII',
    ({ port }) => ({
      write: (name, write) => port.write(name, { ...write, value: write.value.replace(/[^ -~]/g, '?') }),
    }),
    ['a value is read as it was written, by each member'],
  ],
  [
    'has its own values for each member',
    ({ clock }) => memoryStore(clock).port,
    [
      'a value is read as it was written, by each member',
      'of writes of two members after one epoch, exactly one is accepted',
      'a subscriber is called after a write of another member',
      'only one member has the lease',
    ],
  ],
  [
    'does not age its values',
    ({ port }) => ({ read: async (name) => stripped(await port.read(name), { ageMs: 0 }) }),
    ['ageMs is 0 or more, and grows'],
  ],
  [
    'counts the age from an early moment',
    ({ port }) => ({ read: async (name) => stripped(await port.read(name), { ageMs: -5 }) }),
    ['ageMs is 0 or more, and grows'],
  ],
  [
    'counts in twos',
    ({ port, values }) => ({
      async write(name, write) {
        const isWritten = await port.write(name, write);
        const value = values.get(name);
        if (isWritten && value) values.set(name, { ...value, epoch: value.epoch + 1 });
        return isWritten;
      },
    }),
    ['the epoch rises by one with each write'],
  ],
  [
    'accepts each write',
    ({ port, values }) => ({
      write: (name, write) => port.write(name, { ...write, after: values.get(name)?.epoch ?? 0 }),
    }),
    [
      'write() after an epoch that is not the current one is refused, and changes nothing',
      'of writes of two members after one epoch, exactly one is accepted',
    ],
  ],
  [
    'writes and then says that it did not',
    ({ port, values }) => ({
      async write(name, write) {
        const isWritten = await port.write(name, write);
        const value = values.get(name);
        if (!isWritten && value) values.set(name, { ...value, value: write.value });
        return isWritten;
      },
    }),
    ['write() after an epoch that is not the current one is refused, and changes nothing'],
  ],
  [
    'reads, waits, and then writes',
    ({ port, values }) => ({
      async write(name, write) {
        if ((values.get(name)?.epoch ?? 0) !== write.after) return false;
        await Promise.resolve();
        return await port.write(name, { ...write, after: values.get(name)?.epoch ?? 0 });
      },
    }),
    ['of writes of two members after one epoch, exactly one is accepted'],
  ],
  [
    'has one value for all names',
    ({ port }) => ({ read: () => port.read('one'), write: (_name, write) => port.write('one', write) }),
    ['names are independent'],
  ],
  [
    'has one lease for all names',
    ({ port }) => ({ lease: (_name, ms) => port.lease('one', ms) }),
    ['names are independent'],
  ],
  [
    'cuts off a value',
    ({ port }) => ({
      write: (name, write) => port.write(name, { ...write, value: write.value.slice(0, 65_536) }),
    }),
    ['a value of 262,144 characters is kept'],
  ],
  [
    'calls no subscribers',
    () => ({ subscribe: () => () => {} }),
    [
      'a subscriber is called after a write of its own member',
      'a subscriber is called after a write of another member',
    ],
  ],
  [
    'keeps its subscribers',
    ({ port }) => ({
      subscribe(name, hear) {
        port.subscribe(name, hear);
        return () => {};
      },
    }),
    ['a subscriber that left is not called'],
  ],
  [
    'gives the lease to each member',
    () => ({ lease: async () => () => {} }),
    [
      'only one member has the lease',
      'a lease that is released twice or late stays with the member that has it',
    ],
  ],
  [
    'keeps a lease that was released',
    ({ port }) => ({ lease: async (name, ms) => (await port.lease(name, ms)) && (() => {}) }),
    ['a lease is free after its release'],
  ],
  [
    'keeps a lease for ever',
    ({ port }) => ({ lease: (name) => port.lease(name, 86_400_000) }),
    ['a lease ends by itself after its time'],
  ],
  [
    'frees whatever lease there is',
    ({ port, leases }) => ({
      lease: async (name, ms) => (await port.lease(name, ms)) && (() => void leases.delete(name)),
    }),
    ['a lease that is released twice or late stays with the member that has it'],
  ],
];

function stripped<T>(stored: T | null, change: Partial<T>): T | null {
  return stored && { ...stored, ...change };
}

const failuresOf = async (make: () => SharingHarness) =>
  (await runSharingContract(make, () => {})).failed.map(({ title }) => title);

describe('the contract of stores of shared tokens', () => {
  describe('a store in memory passes', () => {
    for (const { title, run } of sharingContract(() => harnessOf())) it(title, run);
  });

  it.each(broken)('a store that %s is found', async (_what, change, found) => {
    expect(await failuresOf(() => harnessOf(change))).toEqual(expect.arrayContaining([...found]));
  });

  it('each rule fails for a store', () => {
    const found = new Set(broken.flatMap(([, , titles]) => titles));
    expect(rules.filter((title) => !found.has(title))).toEqual([]);
  });

  it('the checks may share one store', async () => {
    const harness = harnessOf();
    expect(await failuresOf(() => harness)).toEqual([]);
  });

  it('a check waits in real time if its harness has no wait()', async () => {
    const { port } = memoryStore(systemClock);
    const [ages] = sharingContract(() => ({ open: async () => port })).filter(({ title }) =>
      /^ageMs/.test(title),
    );
    await expect(ages?.run()).resolves.toBeUndefined();
  });

  it('a harness is disposed of after each check, also one that fails', async () => {
    const made: ReturnType<typeof harnessOf>[] = [];
    await failuresOf(() => {
      const harness = harnessOf(() => ({ read: async () => null }));
      made.push(harness);
      return harness;
    });
    expect(made.map(({ disposals }) => disposals)).toEqual(rules.map(() => 1));
  });

  it('each result is printed, and names the value that is wrong', async () => {
    const lines: string[] = [];
    await runSharingContract(
      () => harnessOf(() => ({ subscribe: () => () => {} })),
      (line) => lines.push(line),
    );
    expect(lines).toContain(`passed    ${rules[0]}`);
    expect(lines).toContain(
      'FAILED    a subscriber is called after a write of its own member: Error: ' +
        'whether a subscriber is called after a write of its own member must be true; got false',
    );
  });

  it.each([
    ['open', { open: undefined }],
    ['open()', { open: () => ({}) }],
    ['wait', { wait: 7 }],
    ['dispose', { dispose: 'later' }],
  ])('a harness with a wrong %s is refused by name', async (name, change) => {
    const [check] = sharingContract(() => ({ ...harnessOf(), ...change }) as never);
    await expect(check?.run()).rejects.toMatchObject({
      code: 40003,
      message: expect.stringContaining(`harness.${name}`),
    });
  });
});
