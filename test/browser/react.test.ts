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

/** A token of the page lives for 60 s, and is renewed before the last fifth of that. */
const TOKEN_MS = 60_000;

describe.each(reacts)('the hooks of React $version, in Chromium', (react) => {
  beforeAll(async () => {
    script = await bundled('react-page.tsx', react);
  });

  it('are run by that React', async () => {
    await open();
    expect(await tab.evaluate(() => page.version)).toMatch(new RegExp(`^${react.version}\\.`));
  });

  it('make one client in strict mode, and keep it', async () => {
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

  it('serve an effect of a child that runs before the provider has an effect', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    const { outcomes, asked } = await told();
    expect(outcomes).toEqual(['scripted-token-1']);
    expect(asked).toBe(1);
  });

  it('render again for another token or state, and for nothing else', async () => {
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
    // Renewing, and authorized again.
    expect(renders.state - before.state).toBe(2 * renewals);
    expect(renders.who).toBe(before.who);
    expect(renders.calls).toBe(before.calls);
  });

  it('dispose of the client with its provider, timers and all', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    expect((await told()).timers).toBeGreaterThan(0);
    await tab.evaluate(() => page.unmount());
    expect((await told()).timers).toBe(0);
    expect(await tab.evaluate(() => page.lastOutcome())).toBe('80017');
  });

  it('leave a client alone that is not theirs', async () => {
    await open();
    await tab.evaluate(() => page.lent());
    await advance(0);
    expect(await text('state')).toBe('authorized ');
    await tab.evaluate(() => page.unmount());
    const outcome = tab.evaluate(() => page.lastOutcome());
    await advance(0);
    expect(await outcome).toBe('a token');
    // Mounted once more, it shows at once what is there.
    await tab.evaluate(() => page.lent());
    expect(await text('state')).toBe('authorized ');
    expect(await told()).toMatchObject({ made: 1, asked: 2 });
  });

  it('show the end of a client that is not theirs', async () => {
    await open();
    await tab.evaluate(() => page.lent());
    await advance(0);
    expect(await text('state')).toBe('authorized ');
    await tab.evaluate(() => page.disposeLent());
    expect(await text('state')).toBe('idle ');
    expect(await text('token')).toBe('0');
  });

  it('sign out when told to', async () => {
    await open();
    await tab.evaluate(() => page.plain());
    await advance(0);
    expect(await text('token')).not.toBe('0');
    await tab.click('button');
    await tab.waitForFunction(() => document.querySelector('#token')?.textContent === '0');
    expect(await text('state')).toBe('idle ');
  });

  it('take over what a server rendered, without a difference', async () => {
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

  it('make no client in a render that React throws away', async () => {
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
    'keep the client of a tree that suspends again, in strict mode: %s',
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

  it('serve the first effects of what is shown again with the client that is new', async () => {
    await open();
    for (const isHidden of [false, true, false]) {
      await tab.evaluate((hidden) => page.early(hidden), isHidden);
      await advance(0);
    }
    expect(await told()).toMatchObject({ made: 2, outcomes: ['scripted-token-1', 'scripted-token-2'] });
  });

  it('end with what is hidden, and begin again when it is shown', async () => {
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
