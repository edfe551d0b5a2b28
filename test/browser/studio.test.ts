import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { OpenStudio, TTL_MS } from './open-studio.js';

let browser: Browser;
let studio: OpenStudio;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());
beforeEach(async () => {
  studio = await OpenStudio.open(browser);
});
afterEach(async () => await studio.close());

describe('the studio page', () => {
  it('the page shows a renewal: state, reason, full lifetime, log entry, same connection', async () => {
    const id = await studio.connect();
    expect(id).toMatch(/^[\w-]{6,}$/);
    const lit = studio.isLit('auth.renewing.fetching');
    // An eighth of the lifetime is left, and the renewal was planned for earlier.
    studio.demo.demo.clock.shift(TTL_MS * 0.875);
    await lit;
    await studio.told('Renewed');
    await studio.isLit('auth.authorized');
    expect((await studio.passed()).slice(-3)).toEqual(['authorized', 'renewing', 'authorized']);
    await studio.page.waitForFunction(() => {
      const meter = document.getElementById('studio')?.shadowRoot?.getElementById('life-meter');
      return (meter as HTMLMeterElement).value > 80;
    });
    expect(await studio.text('#connection-id')).toBe(id);
    expect(await studio.text('#connection-state')).toBe('connected');
    // The clock was set so far ahead that the token is also about to expire.
    const steps = (await studio.titles()).filter((title) => !/^About|^Service/.test(title));
    expect(steps.slice(0, 3)).toEqual(['Renewed', 'Upgrading in place', 'Renewing']);
    expect(await studio.text('#words')).toContain('the token was renewed');
    await studio.seen('[data-canvas="auth"] .edge[data-age="0"][data-edge="auth.renewing→auth.authorized"]');
    await studio.seen('.token[data-token="1"][data-end="renewed"] .overlap');
    await studio.seen('.token[data-token="2"][data-end="in use"] .renewal');
  });

  it('the page shows both machines, each with its active state', async () => {
    await studio.connect();
    await studio.isLit('connection.connected.steady');
    const lit = studio.isLit('auth.renewing.fetching');
    await studio.press('authorize');
    await lit;
    await studio.told('Renewed');
    expect(await studio.text('#step-auth')).toBe('Last step: acquisition done → authorized');
    await studio.page.click('[data-canvas="auth"] [data-id="auth.authorized"]');
    await studio.seen('#chart-auth .opened');
    expect(await studio.text('#chart-auth .opened .ways')).toContain('token.asked');
  });

  it.each([
    ['expire', '40142'],
    ['revoke', '40141'],
  ])('the client gets another token and resumes after "%s"', async (action, code) => {
    const id = await studio.connect();
    await studio.press(action);
    await studio.told('Token lost');
    await studio.told('Authorized', 2);
    await studio.isIn('authorized');
    await studio.connectionIs('connected');
    expect((await studio.passed()).slice(-3)).toEqual(['authorized', 'requesting', 'authorized']);
    expect(await studio.text('#log li[data-tone="bad"][data-about="token"]')).toContain(code);
    expect(await studio.text('#connection-id')).toBe(id);
    await studio.seen('.token[data-token="1"][data-end="refused"] .death');
  });

  it('the client keeps its token and resumes when the connection is cut', async () => {
    const id = await studio.connect();
    await studio.press('cut');
    await studio.told('Connection disconnected');
    await studio.told('Connection connected', 2);
    await studio.connectionIs('connected');
    expect((await studio.passed()).at(-1)).toBe('authorized');
    expect(await studio.page.$$('.token')).toHaveLength(1);
    expect(await studio.text('#connection-id')).toBe(id);
  });

  it('the client waits while the source is down, shows why and until when, and recovers', async () => {
    await studio.connect();
    await studio.press('source');
    await studio.seen('[data-action="source"][aria-pressed="true"]');
    await studio.press('clock');
    await studio.isLit('auth.failed.waiting');
    expect(await studio.text('#words')).toMatch(
      /^Failed: the token source answered 503 \(40170\); next try in .+, Retry-After 2 s, \w+ tr(y|ies) failed\.$/,
    );
    await studio.press('source');
    await studio.seen('[data-action="source"][aria-pressed="false"]');
    await studio.isIn('authorized');
    await studio.told('Authorized', 2);
  });

  it('the client replaces its token when an hour passes at once', async () => {
    await studio.connect();
    const before = await studio.text('#clock');
    await studio.press('clock');
    await studio.told('Authorized', 2);
    await studio.isIn('authorized');
    await studio.connectionIs('connected');
    expect(await studio.passed()).toContain('requesting');
    expect(await studio.text('#clock')).not.toBe(before);
  });

  it('only events that have an effect can be sent by hand', async () => {
    await studio.connect();
    await studio.seen('[data-action="send-network.back"]:disabled');
    await studio.press('send-token.asked');
    await studio.told('Renewed');
    await studio.press('send-forget');
    await studio.isIn('idle');
    await studio.told('Event forget');
  });

  it('the log can be filtered', async () => {
    await studio.connect();
    await studio.page.fill('#search', 'authorized');
    await studio.page.waitForFunction(
      () => document.getElementById('studio')?.shadowRoot?.querySelectorAll('#log li').length === 1,
    );
    expect(await studio.titles()).toEqual(['Authorized']);
    await studio.page.fill('#search', '');
    await studio.page.click('.chip[data-about="machine"]');
    await studio.told('connection: server.connected');
    await studio.page.click('.chip[data-about="trouble"]');
    await studio.seen('#log:not(:has(li))');
  });

  it('the page works with the keyboard alone', async () => {
    const { page } = studio;
    await page.focus('[data-action="authorize"]');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await studio.seen('#faults[open]');
    await page.keyboard.press('Tab');
    await studio.seen('[data-action="expire"]:focus');
    await page.keyboard.press('ArrowDown');
    await studio.seen('[data-action="revoke"]:focus');
    await page.keyboard.press('Escape');
    await studio.seen('#faults:not([open]) summary:focus');
    await page.focus('[data-action="authorize"]');
    await page.keyboard.press('Enter');
    await studio.isIn('authorized');
    await studio.connectionIs('connected');
    expect(await page.getAttribute('#state', 'aria-live')).toBe('polite');
    await page.focus('#travel');
    await page.keyboard.press('Home');
    await studio.seen('.studio[data-past][data-state="idle"]');
    await page.focus('#lanes');
    await page.keyboard.press('ArrowLeft');
    await studio.seen('#follow[aria-pressed="false"]');
  });

  it.each([360, 768, 1440])('the page fits a screen %d px wide', async (width) => {
    await studio.page.setViewportSize({ width, height: 800 });
    await studio.connect();
    expect(await studio.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
