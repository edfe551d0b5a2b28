import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { bundled, reacts, rendered } from './react-bundle.js';
import type { ReactPage } from './react-page.js';

declare global {
  var page: ReactPage;
}

let browser: Browser;
let script: string;
let tab: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => await browser?.close());

beforeEach(async () => {
  complaints = [];
  tab = await browser.newPage();
  tab.on('pageerror', (error) => complaints.push(error.message));
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
});

afterEach(async () => {
  await tab.close();
  expect(complaints).toEqual([]);
});

async function open(html = ''): Promise<void> {
  await tab.setContent(`<!doctype html><div id="root">${html}</div>`);
  await tab.addScriptTag({ content: script });
}

const told = () => tab.evaluate(() => page.told());
const text = (id: string) => tab.textContent(`#${id}`);
const advance = (ms: number) => tab.evaluate((by) => page.advance(by), ms);

/** A token of the page lives for 60 s, and is renewed before its last fifth. */
const TOKEN_MS = 60_000;

describe.each(reacts)('the hooks of React $version, in Chromium', (react) => {
  beforeAll(async () => {
    script = await bundled('react-page.tsx', react);
  });

  it('the hooks run in that version of React', async () => {
    await open();
    expect(await tab.evaluate(() => page.version)).toMatch(new RegExp(`^${react.version}\\.`));
  });

  it('the hooks make one client in strict mode and keep it', async () => {
    await open();
    await tab.evaluate(() => page.strict());
    await advance(0);
    expect(await told()).toMatchObject({ made: 1, asked: 1 });
    expect(await text('state')).toBe('authorized ');
    expect(await text('who')).toBe('ada');
    await advance(TOKEN_MS);
    expect(await told()).toMatchObject({ made: 1, asked: 2 });
    expect(await text('state')).toBe('authorized ');
  });

  it('the hooks work in an effect of a child that runs before the provider’s effect', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    const { outcomes, asked } = await told();
    expect(outcomes).toEqual(['scripted-token-1']);
    expect(asked).toBe(1);
  });

  it('a component renders again for another token or state, and for nothing else', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    const { renders: before } = await told();
    await advance(30_000);
    expect((await told()).renders).toEqual(before);
    await advance(10 * TOKEN_MS);
    const { renders, asked } = await told();
    const renewals = asked - 1;
    expect(renewals).toBeGreaterThan(8);
    expect(renders.token - before.token).toBe(renewals);
    // Renewing, and then authorized again.
    expect(renders.state - before.state).toBe(2 * renewals);
    expect(renders.who).toBe(before.who);
    expect(renders.calls).toBe(before.calls);
  });

  it('the provider disposes of its client, with all timers', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    expect((await told()).timers).toBeGreaterThan(0);
    await tab.evaluate(() => page.unmount());
    expect((await told()).timers).toBe(0);
    expect(await tab.evaluate(() => page.lastOutcome())).toBe('80017');
  });

  it('the provider does not dispose of a client passed as auth', async () => {
    await open();
    await tab.evaluate(() => page.lent());
    await advance(0);
    expect(await text('state')).toBe('authorized ');
    await tab.evaluate(() => page.unmount());
    const outcome = tab.evaluate(() => page.lastOutcome());
    await advance(0);
    expect(await outcome).toBe('a token');
    // After it is mounted again, it shows the current values at once.
    await tab.evaluate(() => page.lent());
    expect(await text('state')).toBe('authorized ');
    expect(await told()).toMatchObject({ made: 1, asked: 2 });
  });

  it('a component shows the disposal of a client passed as auth', async () => {
    await open();
    await tab.evaluate(() => page.lent());
    await advance(0);
    expect(await text('state')).toBe('authorized ');
    await tab.evaluate(() => page.disposeLent());
    expect(await text('state')).toBe('idle ');
    expect(await text('token')).toBe('0');
  });

  it('a component can sign out', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    expect(await text('token')).not.toBe('0');
    await tab.click('button');
    await tab.waitForFunction(() => document.querySelector('#token')?.textContent === '0');
    expect(await text('state')).toBe('idle ');
  });

  it('a component takes over the page of a server without a difference', async () => {
    const { stdout, stderr } = await rendered(react);
    expect(stderr).toBe('');
    const { app, reader } = JSON.parse(stdout) as { app: string; reader: string };
    expect(reader).toBe('<i hidden="">idle null null null</i>');
    await open(app);
    expect(await text('state')).toBe('idle ');
    await tab.evaluate(() => page.hydrate());
    await advance(0);
    expect(await text('state')).toBe('authorized ');
    expect(await told()).toMatchObject({ made: 1, asked: 1, complaints: [] });
  });

  it('a render that React discards makes no client', async () => {
    await open();
    await tab.evaluate(() => page.suspended());
    expect(await tab.textContent('#root')).toBe('waits');
    expect(await told()).toMatchObject({ made: 0, asked: 0, timers: 0 });
    await tab.evaluate(() => page.open());
    await tab.waitForSelector('#state');
    await advance(0);
    expect(await told()).toMatchObject({ made: 1, asked: 1 });
    expect(await text('state')).toBe('authorized ');
  });

  it.each([false, true])(
    'a tree that suspends again keeps its client in strict mode: %s',
    async (isStrict) => {
      await open();
      await tab.evaluate((strict) => page.suspendable(strict), isStrict);
      await advance(0);
      expect(await text('state')).toBe('authorized ');
      await tab.evaluate(() => page.suspendLater());
      await tab.waitForSelector('#state', { state: 'hidden' });
      await tab.evaluate(() => page.open());
      await tab.waitForSelector('#state', { state: 'visible' });
      await advance(TOKEN_MS);
      expect(await told()).toMatchObject({ made: 1, asked: 2 });
      expect(await text('state')).toBe('authorized ');
      await tab.evaluate(() => page.unmount());
      expect((await told()).timers).toBe(0);
    },
  );

  if (react.version < 19) return;

  it('the first effects of a tree that is shown again use the new client', async () => {
    await open();
    for (const isHidden of [false, true, false]) {
      await tab.evaluate((hidden) => page.early(hidden), isHidden);
      await advance(0);
    }
    expect(await told()).toMatchObject({ made: 2, outcomes: ['scripted-token-1', 'scripted-token-2'] });
  });

  it('a client is disposed of when its tree is hidden, and another is made when it is shown', async () => {
    await open();
    await tab.evaluate(() => page.hidden(false));
    await advance(0);
    await tab.evaluate(() => page.hidden(true));
    expect(await told()).toMatchObject({ made: 1, timers: 0 });
    await tab.evaluate(() => page.hidden(false));
    await advance(0);
    expect(await told()).toMatchObject({ made: 2, asked: 2 });
    expect(await text('state')).toBe('authorized ');
  });
});
