import { port as checkPort, method, record } from '../checks/option-checks.js';
import { systemClock } from '../clock.js';
import type { SharingPort } from '../sharing/port.js';
import { required } from './argument-checks.js';
import { expectSame } from './connection-contract-harness.js';
import { runChecks } from './run-checks.js';

/** A store of shared tokens under test. Each check uses names of its own, so the store may be one for all. */
export interface SharingHarness {
  /** Opens the store for one more member: another tab, process or server. */
  open(): SharingPort | Promise<SharingPort>;
  /** Lets time pass, ms. Default: real time. */
  wait?(ms: number): void | Promise<void>;
  /** Frees the resources of the harness. */
  dispose?(): void | Promise<void>;
}

/** One rule that a store of shared tokens must follow. */
export interface SharingCheck {
  readonly title: string;
  /** Runs the check. @throws {Error} names the value that is wrong */
  run(): Promise<void>;
}

/** The result of {@link runSharingContract}: titles of checks. */
export interface SharingContractResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: unknown }[];
}

/** The store under test, with two members. */
interface Members {
  readonly one: SharingPort;
  readonly other: SharingPort;
  wait(ms: number): Promise<void>;
}

interface Rule {
  readonly title: string;
  check(members: Members): Promise<void>;
}

const NAME = '0f'.repeat(32);
const OTHER_NAME = 'a9'.repeat(32);

/** How long a value counts, ms: longer than each check takes. */
const LIFE_MS = 600_000;

/** A lease that does not end while a check runs, and one that does: ms. */
const LONG_LEASE_MS = 60_000;
const SHORT_LEASE_MS = 400;

/** How long a store may take to call its subscribers, and to end a lease that has run out, ms. */
const NEWS_MS = 15_000;

const LONGEST_VALUE = 262_144;

const put = (member: SharingPort, after: number, value: string, name = NAME): Promise<boolean> =>
  member.write(name, { after, value, lifeMs: LIFE_MS });

/** The epoch and the value, without its age. */
async function stored(
  member: SharingPort,
  name = NAME,
): Promise<readonly [epoch: number, value: string] | null> {
  const found = await member.read(name);
  return found && [found.epoch, found.value];
}

/** Waits until the condition is true. @returns whether it became true in time */
async function until(wait: Members['wait'], isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < NEWS_MS; waitedMs += 50) {
    if (await isTrue()) return true;
    await wait(50);
  }
  return await isTrue();
}

async function leaseOf(member: SharingPort, ms: number, name = NAME): Promise<() => void | Promise<void>> {
  const release = await member.lease(name, ms);
  expectSame(typeof release, 'function', 'the type of the result of lease() when the lease is free');
  return release as () => void | Promise<void>;
}

const isFree = async (member: SharingPort, name = NAME): Promise<boolean> => {
  const release = await member.lease(name, LONG_LEASE_MS);
  await release?.();
  return release !== null;
};

/** Expects that a new subscriber of this member is called after a write. @param whose the writer, in words */
async function expectHeard(
  { wait }: Members,
  subscriber: SharingPort,
  write: () => Promise<unknown>,
  whose: string,
): Promise<void> {
  let heard = 0;
  const unsubscribe = subscriber.subscribe(NAME, () => {
    heard += 1;
  });
  try {
    // A store that polls reads the first value now.
    await wait(200);
    const before = heard;
    await write();
    expectSame(
      await until(wait, () => heard > before),
      true,
      `whether a subscriber is called after a write of ${whose}`,
    );
  } finally {
    unsubscribe();
  }
}

const rules: readonly Rule[] = [
  {
    title: 'read() gives null for a name without a value',
    check: async ({ one }) => expectSame(await one.read(NAME), null, 'the first result of read()'),
  },
  {
    title: 'a value is read as it was written, by each member',
    async check({ one, other, wait }) {
      const value = '{"a":"\u0000\n\\ ü 漢 🔑"}';
      expectSame(await put(one, 0, value), true, 'the result of the first write()');
      expectSame(await stored(one), [1, value], 'the epoch and value that the writer reads');
      const isThere = async () => (await stored(other)) !== null;
      expectSame(await until(wait, isThere), true, 'whether another member reads a value');
      expectSame(await stored(other), [1, value], 'the epoch and value that another member reads');
    },
  },
  {
    title: 'ageMs is 0 or more, and grows',
    async check({ one, wait }) {
      await put(one, 0, 'value');
      const ageMs = async () => (await one.read(NAME))?.ageMs ?? Number.NaN;
      const first = await ageMs();
      expectSame(first >= 0 && first < NEWS_MS, true, `whether ageMs is at least 0 and small (${first})`);
      await wait(50);
      const second = await ageMs();
      // Clocks are rounded.
      expectSame(second - first >= 25, true, `whether ageMs grows by 50 ms (from ${first} to ${second})`);
    },
  },
  {
    title: 'the epoch rises by one with each write',
    async check({ one }) {
      for (const after of [0, 1, 2]) {
        expectSame(
          await put(one, after, `value ${after}`),
          true,
          `the result of write() after epoch ${after}`,
        );
        expectSame(await stored(one), [after + 1, `value ${after}`], 'the epoch and value');
      }
    },
  },
  {
    title: 'write() after an epoch that is not the current one is refused, and changes nothing',
    async check({ one }) {
      expectSame(await put(one, 3, 'early'), false, 'the result of write() after epoch 3 without a value');
      expectSame(await one.read(NAME), null, 'the value after it');
      await put(one, 0, 'first');
      await put(one, 1, 'second');
      for (const after of [0, 1, 3])
        expectSame(
          await put(one, after, 'wrong'),
          false,
          `the result of write() after epoch ${after} at epoch 2`,
        );
      expectSame(await stored(one), [2, 'second'], 'the epoch and value after them');
    },
  },
  {
    title: 'of writes of two members after one epoch, exactly one is accepted',
    async check({ one, other, wait }) {
      for (const after of [0, 1, 2]) {
        const written = await Promise.all([put(one, after, 'one'), put(other, after, 'other')]);
        expectSame(written.filter((isWritten) => isWritten).length, 1, 'how many were accepted');
        const winner = written[0] ? 'one' : 'other';
        for (const member of [one, other]) {
          const isThere = async () => (await stored(member))?.[0] === after + 1;
          expectSame(await until(wait, isThere), true, 'whether each member reads the new epoch');
          expectSame(await stored(member), [after + 1, winner], 'the epoch and value');
        }
      }
    },
  },
  {
    title: 'names are independent',
    async check({ one }) {
      await put(one, 0, 'value');
      expectSame(await one.read(OTHER_NAME), null, 'the value of another name');
      expectSame(await put(one, 0, 'value of the other', OTHER_NAME), true, 'the result of its write()');
      expectSame(await stored(one), [1, 'value'], 'the epoch and value of the first name');
      const release = await leaseOf(one, LONG_LEASE_MS);
      expectSame(await isFree(one, OTHER_NAME), true, 'whether the lease of another name is free');
      await release();
    },
  },
  {
    title: 'a value of 262,144 characters is kept',
    async check({ one }) {
      const value = 'v'.repeat(LONGEST_VALUE);
      expectSame(await put(one, 0, value), true, 'the result of write()');
      expectSame(
        (await one.read(NAME))?.value === value,
        true,
        'whether the value is read as it was written',
      );
    },
  },
  {
    title: 'a subscriber is called after a write of its own member',
    check: (members) =>
      expectHeard(members, members.one, () => put(members.one, 0, 'value'), 'its own member'),
  },
  {
    title: 'a subscriber is called after a write of another member',
    check: (members) =>
      expectHeard(members, members.other, () => put(members.one, 0, 'value'), 'another member'),
  },
  {
    title: 'a subscriber that left is not called',
    async check(members) {
      const { one, other } = members;
      let heard = 0;
      const leave = [one, other].map((member) => member.subscribe(NAME, () => (heard += 1)));
      await expectHeard(members, other, () => put(one, 0, 'first'), 'another member');
      for (const unsubscribe of leave) unsubscribe();
      const before = heard;
      await expectHeard(members, other, () => put(one, 1, 'second'), 'another member');
      await members.wait(200);
      expectSame(heard - before, 0, 'how often a subscriber was called after it left');
    },
  },
  {
    title: 'only one member has the lease',
    async check({ one, other }) {
      const release = await leaseOf(one, LONG_LEASE_MS);
      expectSame(await other.lease(NAME, LONG_LEASE_MS), null, 'the result of lease() for another member');
      expectSame(await one.lease(NAME, LONG_LEASE_MS), null, 'the result of lease() for the same member');
      await release();
      const both = await Promise.all([one, other].map((member) => member.lease(NAME, LONG_LEASE_MS)));
      expectSame(
        both.filter((each) => each !== null).length,
        1,
        'how many of two that ask at once get the lease',
      );
      for (const each of both) await each?.();
    },
  },
  {
    title: 'a lease is free after its release',
    async check({ one, other, wait }) {
      await (await leaseOf(one, LONG_LEASE_MS))();
      expectSame(await until(wait, () => isFree(other)), true, 'whether another member gets the lease');
    },
  },
  {
    title: 'a lease ends by itself after its time',
    async check({ one, other, wait }) {
      await leaseOf(one, SHORT_LEASE_MS);
      await wait(SHORT_LEASE_MS);
      expectSame(await until(wait, () => isFree(other)), true, 'whether another member gets the lease');
    },
  },
  {
    title: 'a lease that is released twice or late stays with the member that has it',
    async check({ one, other, wait }) {
      const release = await leaseOf(one, LONG_LEASE_MS);
      await release();
      const current = await leaseOf(other, LONG_LEASE_MS);
      await release();
      expectSame(await one.lease(NAME, LONG_LEASE_MS), null, 'the result of lease() after a second release');
      await current();
      const late = await leaseOf(one, SHORT_LEASE_MS);
      let taken: Awaited<ReturnType<SharingPort['lease']>> = null;
      await wait(SHORT_LEASE_MS);
      await until(wait, async () => {
        taken = await other.lease(NAME, LONG_LEASE_MS);
        return taken !== null;
      });
      await late();
      expectSame(await one.lease(NAME, LONG_LEASE_MS), null, 'the result of lease() after a late release');
      await (taken as (() => void | Promise<void>) | null)?.();
    },
  },
];

/**
 * The checks for a store of shared tokens, for any test runner. The clients rely on each of them: a store that breaks one
 * lets several members ask the source at once, or gives a member an old token. A check has two members, which the
 * harness opens.
 *
 * @param makeHarness makes a new harness for each check
 * @throws {ErrorInfo} 40003 if an argument is invalid; a check rejects with 40003 if its harness lacks something
 * @example
 * ```ts
 * import { type SharingHarness, sharingContract } from 'latchkey/testing';
 * import type { SharingPort } from 'latchkey/sharing';
 *
 * declare function myStore(folder: string): SharingPort;
 *
 * function makeHarness(): SharingHarness {
 *   const folder = crypto.randomUUID();
 *   return { open: () => myStore(folder) };
 * }
 *
 * for (const { title } of sharingContract(makeHarness)) console.log(title); // it(title, run)
 * ```
 */
export function sharingContract(
  makeHarness: () => SharingHarness | Promise<SharingHarness>,
): readonly SharingCheck[] {
  method('makeHarness', required('makeHarness', 'a function', makeHarness));
  return rules.map(({ title, check }) => ({
    title,
    async run() {
      const harness = checkHarness(await makeHarness());
      try {
        const id = idOfCheck();
        const [one, other] = [await opened(harness, id), await opened(harness, id)];
        await check({ one, other, wait: (ms) => wait(harness, ms) });
      } finally {
        await harness.dispose?.();
      }
    },
  }));
}

/**
 * Runs the checks of a store of shared tokens without a test runner, and prints each result.
 *
 * @param print called with each line
 * @throws {ErrorInfo} 40003 as {@link sharingContract}, and if `print` is not a function
 *
 * @example
 * ```ts
 * import { runSharingContract, type SharingHarness } from 'latchkey/testing';
 *
 * declare function myHarness(): SharingHarness;
 *
 * const { failed } = await runSharingContract(myHarness);
 * process.exitCode = failed.length === 0 ? 0 : 1;
 * ```
 */
export async function runSharingContract(
  makeHarness: () => SharingHarness | Promise<SharingHarness>,
  print: (line: string) => void = console.log,
): Promise<SharingContractResult> {
  method('print', required('print', 'a function', print));
  return await runChecks(sharingContract(makeHarness), print);
}

function checkHarness(harness: SharingHarness): SharingHarness {
  record('the harness', harness);
  method('harness.open', required('harness.open', 'a function', harness.open));
  for (const name of ['wait', 'dispose'] as const)
    method(`harness.${name}`, harness[name] as (() => unknown) | undefined);
  return harness;
}

let checks = 0;

/** Twelve hexadecimal digits that no other check has, also one of an earlier run. */
function idOfCheck(): string {
  checks += 1;
  return (systemClock.now() * 4_096 + (checks % 4_096)).toString(16).slice(-12);
}

/** Opens the store, and gives its names the id of the check. */
async function opened(harness: SharingHarness, id: string): Promise<SharingPort> {
  const given = required('harness.open()', 'a SharingPort', await harness.open());
  const store = checkPort('harness.open()', given, ['read', 'write', 'subscribe', 'lease']) as SharingPort;
  const named = (name: string): string => name.slice(id.length) + id;
  return {
    port: 1,
    read: (name) => store.read(named(name)),
    write: (name, write) => store.write(named(name), write),
    subscribe: (name, listener) => store.subscribe(named(name), listener),
    lease: (name, ms) => store.lease(named(name), ms),
  };
}

async function wait(harness: SharingHarness, ms: number): Promise<void> {
  if (harness.wait !== undefined) return await harness.wait(ms);
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, ms));
}
