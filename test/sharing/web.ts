import { type BareChromium, bareChromium } from '../browser/devtools.js';
import { firstThatRuns, installed } from '../browser/find-chromium.js';
import { SharingOrigin } from '../browser/sharing-origin.js';
import type { Suite, SuiteRow } from './suite.js';
import { sleep, type Tab, Tabs, until } from './web-tabs.js';

const HOUR = 3_600_000;

/** What a case works with. */
interface Stage {
  readonly chromium: BareChromium;
  readonly origin: SharingOrigin;
  readonly tabs: Tabs;
  readonly isShort: boolean;
}

interface Figures {
  readonly members: number;
  /** How many calls of the source are allowed. */
  readonly allowed: number;
  readonly lateWritesAccepted?: number;
}

type Case = (stage: Stage) => Promise<Figures>;

/** Opens tabs at the same time. */
const openAll = (tabs: Tabs, names: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  Promise.all(names.map((name) => tabs.open(name, more)));

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `tab ${n + 1}`);

const disturbed: Case = async ({ origin, tabs, isShort }) => {
  const [members, lifeMs, runMs, pauseMs] = isShort
    ? ([6, 6_000, 30_000, 2_000] as const)
    : ([12, 20_000, 300_000, 5_000] as const);
  origin.lifeMs = lifeMs;
  const startedAt = Date.now();
  const all = await openAll(tabs, numbered(members));
  await Promise.all(all.map((tab) => tab.ready()));
  const deeds: readonly ((tab: Tab) => Promise<void>)[] = [
    (tab) => tab.awayAndBack(origin.away, lifeMs / 2),
    (tab) => tab.freeze(1.3 * lifeMs),
    (tab) => tab.reload(),
    (tab) => tab.replace(false),
    (tab) => tab.freeze(lifeMs / 2),
    (tab) => tab.awayAndBack(origin.away, 1.3 * lifeMs),
    (tab) => tab.replace(true),
  ];
  const free = [...all];
  const running = new Set<Promise<void>>();
  for (let n = 0; Date.now() - startedAt < runMs - 2 * lifeMs; n += 1) {
    const tab = free.length > 2 ? free.shift() : undefined;
    const deed = deeds[n % deeds.length];
    if (tab !== undefined && deed !== undefined) {
      const done = deed(tab).finally(() => {
        running.delete(done);
        free.push(tab);
      });
      running.add(done);
    }
    await sleep(pauseMs);
  }
  await Promise.all(running);
  await sleep(startedAt + runMs - Date.now());
  for (const tab of all) {
    await tab.ready();
    await until(`${tab.name} holds no lock`, async () => (await tab.ask('heldLocks')) === 0);
    await tabs.collect(tab);
  }
  // One client alone: its first token, which it renews early, and one in each period of four fifths of the life, less
  // the jitter.
  const needed = 2 + Math.ceil((Date.now() - startedAt) / (0.79 * lifeMs));
  return { members, allowed: Math.ceil(1.02 * needed) };
};

const restored: Case = async ({ tabs }) => {
  const all = await openAll(tabs, numbered(12));
  await Promise.all(all.map((tab) => tab.ready()));
  for (const tab of all) await tabs.collect(tab);
  if (tabs.longestWaitMs > 5_000) tabs.broken.push(`a tab waited ${tabs.longestWaitMs} ms`);
  return { members: all.length, allowed: 1 };
};

const lateWinner: Case = async ({ origin, tabs }) => {
  origin.isHolding = true;
  const late = await tabs.open('the late tab');
  await until('the source is asked', async () => origin.calls.length === 1);
  await late.page.freeze();
  origin.isHolding = false;
  const others = await openAll(tabs, numbered(3));
  await Promise.all(others.map((tab) => tab.ready()));
  origin.release();
  await late.page.unfreeze();
  await late.ready();
  const { steps } = await late.ask('seen');
  if (!steps.includes('lease lost'))
    tabs.broken.push(`the late tab did not lose its lease: ${steps.join(', ')}`);
  others.push(await tabs.open('a new tab'));
  for (const tab of [late, ...others]) {
    await tab.ready();
    await tabs.collect(tab);
  }
  const lateToken = origin.calls[0]?.token ?? '';
  const users = others.filter(({ name }) => tabs.tokens.get(name)?.includes(lateToken));
  return { members: 5, allowed: 2, lateWritesAccepted: users.length };
};

const twoUsers: Case = async ({ origin, tabs }) => {
  const ada = await openAll(tabs, ['ada 1', 'ada 2'], { user: 'ada' });
  const grace = await openAll(tabs, ['grace 1', 'grace 2'], { user: 'grace' });
  await Promise.all([...ada, ...grace].map((tab) => tab.ready()));
  for (const tab of [...ada, ...grace]) {
    const { clientIds } = await tab.ask('seen');
    const others = clientIds.filter((id) => !tab.name.startsWith(String(id)));
    if (others.length > 0) tabs.broken.push(`${tab.name} saw a token of ${others.join()}`);
    await tabs.collect(tab);
  }
  await ada[0]?.ask('signOut');
  for (const tab of ada)
    await until(`${tab.name} is signed out`, async () => (await tab.ask('now')).state === 'idle');
  for (const tab of grace) await tab.ready();
  // Another user in the same tab.
  await ada[0]?.page.navigate(origin.page('lin', { user: 'lin' }));
  await ada[0]?.ready();
  const { clientIds = [] } = (await ada[0]?.ask('seen')) ?? {};
  if (clientIds.some((id) => id !== 'lin')) tabs.broken.push(`lin saw a token of ${clientIds.join()}`);
  return { members: 5, allowed: 3 };
};

const cases: Readonly<Record<string, Case>> = {
  'tabs that are frozen, closed, reloaded, cached and crashed': disturbed,
  '12 tabs that are restored at once': restored,
  'a tab that is frozen while it asks': lateWinner,
  'two users in two tabs, and one after the other': twoUsers,
};

/** @throws {Error} there is no Chromium that keeps pages for the way back */
async function chromiumWithCache(): Promise<string> {
  const { path } = await firstThatRuns(installed()).catch((error: Error) => {
    throw new Error(
      `This suite needs a Chromium with a back/forward cache, which the packaged one has not: run \`apt-get install chromium\` (Debian), or set CHROMIUM_PATH.\n${error.message}`,
    );
  });
  return path;
}

/** Tabs of a real Chromium. */
export const web: Suite = {
  name: 'web',
  async run({ isShort }) {
    const path = await chromiumWithCache();
    const rows: SuiteRow[] = [];
    const ledger: object[] = [];
    for (const [name, work] of Object.entries(cases)) {
      const chromium = await bareChromium({ path });
      const origin = await SharingOrigin.listen(HOUR);
      const tabs = new Tabs(chromium, origin);
      try {
        const figures = await work({ chromium, origin, tabs, isShort });
        const { longestWaitMs, unsettled, broken } = tabs;
        const sourceCalls = origin.calls.length;
        rows.push({
          case: name,
          lateWritesAccepted: 0,
          ...figures,
          sourceCalls,
          longestWaitMs,
          unsettled,
          broken,
        });
        ledger.push(...tabs.ledger.map((call) => ({ case: name, ...call })));
      } finally {
        await chromium.close();
        await origin.dispose();
      }
    }
    return { rows, ledger };
  },
};
