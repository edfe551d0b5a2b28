import type { BareChromium, BarePage } from '../browser/devtools.js';
import type { SharingOrigin } from '../browser/sharing-origin.js';
import type { PageCall, SharingPage } from '../browser/sharing-page.js';

/** A call of one tab. */
export interface TabCall extends PageCall {
  readonly tab: string;
}

/** A call has the deadline of the client, and then a moment to settle. */
const DEADLINE_MS = 11_000;

export const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** @throws {Error} it did not come true within 20 s */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await check().catch(() => false)); ) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`);
    await sleep(50);
  }
}

/** The tabs of a browser, and what was seen in them. */
export class Tabs {
  readonly ledger: TabCall[] = [];
  readonly broken: string[] = [];
  /** The tokens of each tab. */
  readonly tokens = new Map<string, readonly string[]>();
  readonly #chromium: BareChromium;
  readonly #origin: SharingOrigin;

  constructor(chromium: BareChromium, origin: SharingOrigin) {
    this.#chromium = chromium;
    this.#origin = origin;
  }

  async open(name: string, more: Readonly<Record<string, string>> = {}): Promise<Tab> {
    const address = this.#origin.page(name, { callEvery: '1000', ...more });
    return new Tab(name, await this.#chromium.open(address), this);
  }

  /** Takes over what a page has seen, before it goes. */
  async collect({ name, page }: Tab): Promise<void> {
    const seen = await page.evaluate<ReturnType<SharingPage['seen']>>('sharingPage.seen()');
    const at = Date.now();
    const calls = seen.calls.map((one) => (one.ms === undefined ? { ...one, outcome: 'open' } : one));
    this.ledger.push(...calls.map((one) => ({ tab: name, ...one, ms: one.ms ?? at - one.at })));
    this.tokens.set(name, [...(this.tokens.get(name) ?? []), ...seen.tokens]);
    const counted = Object.entries(seen.upgrades);
    const upgrades = counted.reduce((sum, [, count]) => sum + count, 0);
    const missed = counted.filter(([id, count]) => (this.#origin.upgrades.get(id) ?? 0) < count - 1);
    if (seen.gaps > 0) this.broken.push(`${name} was without a token ${seen.gaps} times`);
    if (seen.losses > 0) this.broken.push(`${name} lost its connection ${seen.losses} times`);
    if (seen.renewals > upgrades || missed.length > 0)
      this.broken.push(`${name} did not upgrade its connection: ${JSON.stringify(seen.upgrades)}`);
  }

  /** The calls of pages that did not stand still meanwhile. */
  get #awake(): readonly TabCall[] {
    return this.ledger.filter(({ stoodStill }) => stoodStill !== true);
  }

  get longestWaitMs(): number {
    return Math.max(0, ...this.#awake.map(({ ms = 0 }) => ms));
  }

  get unsettled(): number {
    return this.#awake.filter(({ ms = 0 }) => ms > DEADLINE_MS).length;
  }
}

/** One tab. */
export class Tab {
  readonly name: string;
  page: BarePage;
  readonly #tabs: Tabs;

  constructor(name: string, page: BarePage, tabs: Tabs) {
    this.name = name;
    this.page = page;
    this.#tabs = tabs;
  }

  ask<K extends keyof SharingPage>(what: K): Promise<Awaited<ReturnType<SharingPage[K]>>> {
    return this.page.evaluate(`sharingPage.${what}()`);
  }

  async ready(): Promise<void> {
    await until(`${this.name} is authorized and connected`, async () => {
      const { state, connection } = await this.ask('now');
      return state === 'authorized' && connection === 'connected';
    });
  }

  async freeze(ms: number): Promise<void> {
    await this.page.freeze();
    await sleep(ms);
    await this.page.unfreeze();
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.#tabs.collect(this);
    await this.page.reload();
    await this.ready();
  }

  /** Ends the tab, and opens another one in its place. */
  async replace(isCrash: boolean): Promise<void> {
    await this.#tabs.collect(this);
    if (isCrash) this.page.crash();
    await sleep(isCrash ? 500 : 0);
    await this.page.close();
    this.page = (await this.#tabs.open(this.name)).page;
    await this.ready();
  }

  /** Through the back/forward cache. */
  async awayAndBack(away: string, ms: number): Promise<void> {
    // It is at rest when it goes.
    await until(`${this.name} holds no lock`, async () => (await this.ask('heldLocks')) === 0);
    const { restored } = await this.ask('seen');
    await this.page.navigate(away);
    await until(`${this.name} is away`, () => this.page.evaluate('location.pathname === "/away"'));
    await sleep(ms);
    await this.page.back();
    await this.ready();
    if ((await this.ask('seen')).restored === restored + 1) return;
    const reasons = this.page.notRestored.join(', ');
    this.#tabs.broken.push(`${this.name} did not come back from the back/forward cache: ${reasons}`);
  }
}
