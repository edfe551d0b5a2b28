import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../kit/eventually.js';
import { type BareChromium, type BarePage, bareChromium } from './devtools.js';
import { SharingOrigin } from './sharing-origin.js';
import type { SharingPage } from './sharing-page.js';

const HOUR = 3_600_000;

/** A name that is not local: its pages are no secure context. */
const PLAIN_HOST = 'plain.test';

type Answer<K extends keyof SharingPage> = Awaited<ReturnType<SharingPage[K]>>;

let chromium: BareChromium;
let origin: SharingOrigin;
const pages: BarePage[] = [];

beforeAll(async () => {
  origin = await SharingOrigin.listen(HOUR);
  chromium = await bareChromium({ args: [`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`] });
});

afterAll(async () => {
  await chromium?.close();
  await origin?.dispose();
});

beforeEach(() => {
  origin.lifeMs = HOUR;
  origin.calls.length = 0;
});

afterEach(async () => {
  origin.release();
  await Promise.all(pages.splice(0).map((page) => page.close()));
});

async function open(
  tab: string,
  more: Readonly<Record<string, string>> = {},
  host?: string,
): Promise<BarePage> {
  const page = await chromium.open(origin.page(tab, more, host));
  pages.push(page);
  return page;
}

const ask = <K extends keyof SharingPage>(page: BarePage, what: K): Promise<Answer<K>> =>
  page.evaluate(`sharingPage.${what}()`);
const post = (page: BarePage, message: string) => page.evaluate(`sharingPage.post(${message})`);

/** Waits until a page is ready: its client is authorized, and its connection is open. */
const ready = (page: BarePage, isConnected = true) =>
  eventually(async () => {
    const now = await page.evaluate<Answer<'now'>>('globalThis.sharingPage?.now()');
    expect(now).toMatchObject({ state: 'authorized', ...(isConnected && { connection: 'connected' }) });
  });

async function openConnected(...args: Parameters<typeof open>): Promise<BarePage> {
  const page = await open(...args);
  await ready(page);
  return page;
}

const sourceTokens = () => origin.calls.map(({ token }) => token);

describe('tabs of an origin, in Chromium', () => {
  it('one tab asks the source for each renewal, and each upgrades its own connection in place', async () => {
    origin.lifeMs = 6_000;
    const tabs = await Promise.all(['1', '2', '3', '4'].map((tab) => openConnected(tab)));
    const ids = await Promise.all(tabs.map(async (tab) => (await ask(tab, 'now')).id));
    expect(new Set(ids).size).toBe(4);
    for (const [n, tab] of tabs.entries())
      await eventually(async () => {
        const { tokens, upgrades, gaps } = await ask(tab, 'seen');
        expect(tokens.slice(0, 3)).toEqual(sourceTokens().slice(0, 3));
        expect(tokens.length).toBeGreaterThanOrEqual(3);
        expect(Object.keys(upgrades)).toEqual([ids[n]]);
        expect(origin.upgrades.get(ids[n] ?? '')).toBeGreaterThanOrEqual(2);
        expect([(await ask(tab, 'now')).id, gaps]).toEqual([ids[n], 0]);
      });
    for (const tab of tabs) await eventually(async () => expect(await ask(tab, 'heldLocks')).toBe(0));
  });

  it('a tab that comes later uses the token of the others', async () => {
    const first = await openConnected('1');
    const late = await openConnected('2');
    expect((await ask(late, 'now')).token).toBe((await ask(first, 'now')).token);
    expect((await ask(late, 'seen')).steps).toContain('adopted');
    expect(origin.calls.length).toBe(1);
  });

  it('promise 9: two users in two tabs see no token of each other, and one who signs out everywhere reaches each of the own tabs', async () => {
    const [ada, late, grace] = await Promise.all([
      openConnected('1'),
      openConnected('2'),
      openConnected('3', { user: 'grace' }),
    ]);
    expect(origin.calls.length).toBe(2);
    const of = async (page: BarePage) => [...new Set((await ask(page, 'seen')).clientIds)];
    expect(await Promise.all([ada, late, grace].map(of))).toEqual([['ada'], ['ada'], ['grace']]);
    const token = (await ask(grace, 'now')).token;
    expect((await ask(ada, 'seen')).tokens).not.toContain(token);
    await ask(ada, 'signOut');
    for (const page of [ada, late])
      await eventually(async () => expect((await ask(page, 'now')).state).toBe('idle'));
    expect(await ask(grace, 'now')).toMatchObject({ state: 'authorized', token });
    // Who signs in again gets another token.
    const again = await openConnected('4');
    expect((await ask(ada, 'seen')).tokens).not.toContain((await ask(again, 'now')).token);
  });

  it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['over http', {}, PLAIN_HOST],
    ['without Web Locks', { without: 'locks' }, undefined],
    ['without a BroadcastChannel', { without: 'BroadcastChannel' }, undefined],
  ])('each client of a page %s asks the source for itself', async (_how, more, host) => {
    const tabs = [await open('1', more, host), await open('2', more, host)];
    // Chromium lets a page that came over http open no connection.
    for (const tab of tabs) await ready(tab, host === undefined);
    expect(origin.calls.map(({ tab }) => tab).sort()).toEqual(['1', '2']);
    for (const tab of tabs) expect((await ask(tab, 'seen')).steps).not.toContain('fetching alone');
  });

  it('with a storage, a tab that comes alone uses the token of an earlier one; without it, not', async () => {
    await openConnected('1', { storage: 'local' });
    await pages.pop()?.close();
    const late = await openConnected('2', { storage: 'local' });
    expect(origin.calls.length).toBe(1);
    await ask(late, 'signOut');
    expect(await late.evaluate('Object.values(localStorage).join()')).not.toContain(sourceTokens()[0]);
    await pages.pop()?.close();
    await openConnected('3');
    await pages.pop()?.close();
    await openConnected('4');
    expect(origin.calls.length).toBe(3);
  });

  it('what another script of the origin sends is checked like the answer of a source: the tabs stay authorized', async () => {
    const script = await chromium.open(origin.page('script', { user: 'mallory' }));
    pages.push(script);
    await ready(script);
    await ask(script, 'listen');
    origin.calls.length = 0;
    const tab = await openConnected('1');
    const [name, entry] = await eventually(async () => {
      const messages = (await ask(script, 'heard')) as readonly { readonly has?: object }[];
      const found = messages
        .flatMap(({ has = {} }) => Object.entries(has))
        .find(([, { value }]) => value.includes('ada'));
      expect(found).toBeDefined();
      return found as [string, { readonly epoch: number; readonly value: string; readonly lifeMs: number }];
    });
    const told = (more: string) =>
      `{ has: { '${name}': { ...${JSON.stringify(entry)}, at: Date.now(), ${more} } } }`;
    const lie = (details: object, age: object = {}) =>
      told(
        `epoch: ${entry.epoch + 1}, value: ${JSON.stringify(JSON.stringify({ format: 1, details, age: { lifetimeMs: HOUR, ageMs: 0, oldestMs: 0, ...age } }))}`,
      );
    for (const message of [
      'null',
      '"has"',
      '{ has: 7 }',
      '{ wants: true, has: new Date() }',
      told('epoch: NaN'),
      told('epoch: 2 ** 40'),
      told('value: 7'),
      told('value: "x".repeat(2 ** 20)'),
      told('epoch: 0'),
      `{ has: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [n.toString(16).padStart(64, '0'), { epoch: 1, value: 'x', at: 0, lifeMs: 1 }])) }`,
    ])
      await post(script, message);
    await ask(script, 'heldLocks');
    const second = await openConnected('2');
    expect((await ask(second, 'now')).token).toBe((await ask(tab, 'now')).token);
    expect(origin.calls.length).toBe(1);

    // A value of another version is none: the next client asks the source.
    await post(script, told(`epoch: ${entry.epoch + 1}, value: '{"format":2}'`));
    const third = await openConnected('3');
    expect(origin.calls.length).toBe(2);

    // An invented token is refused by the service, as one of the source would be, and then the source is asked.
    const { epoch } = entry;
    await post(
      script,
      lie({ token: `${sourceTokens()[0]?.slice(0, -8)}invented`, clientId: 'ada' }).replace(
        `epoch: ${epoch + 1}`,
        `epoch: ${epoch + 5}`,
      ),
    );
    const fourth = await openConnected('4');
    expect(origin.calls.length).toBe(3);
    expect((await ask(fourth, 'now')).token).toBe(sourceTokens()[2]);
    for (const one of [tab, second, third]) await ready(one);
  });

  it('promise 4: a tab that is frozen in mid-fetch loses its write, and no other tab uses its token', async () => {
    origin.isHolding = true;
    const late = await open('late');
    await eventually(() => expect(origin.calls.length).toBe(1));
    await late.freeze();
    origin.isHolding = false;
    const others = [await openConnected('1'), await openConnected('2')];
    expect(origin.calls.map(({ tab }) => tab)).toEqual(['late', '1']);
    origin.release();
    await late.unfreeze();
    await ready(late);
    const { steps, tokens } = await ask(late, 'seen');
    expect(steps).toContain('lease lost');
    expect(tokens).toEqual([sourceTokens()[0]]);
    others.push(await openConnected('3'));
    for (const one of others) expect((await ask(one, 'seen')).tokens).toEqual([sourceTokens()[1]]);
  });

  it('promise 8: a page at rest holds no lock, and nothing of sharing bars it from the back/forward cache', async () => {
    const page = await openConnected('1');
    await eventually(async () => expect(await ask(page, 'heldLocks')).toBe(0));
    await page.navigate(origin.away);
    await eventually(async () => expect(await page.evaluate('location.pathname')).toBe('/away'));
    await page.back();
    await ready(page);
    // The packaged Chromium keeps no page, so it does not announce to keep one, and the connection stays open.
    const others = ['BackForwardCacheDisabledForDelegate', 'BrowsingInstanceNotSwapped', 'WebSocket'];
    expect(page.notRestored).toContain(others[0]);
    expect(page.notRestored.filter((reason) => !others.includes(reason))).toEqual([]);
  });
});
