import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { OpenStudio } from './open-studio.js';

let browser: Browser;
let studio: OpenStudio;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());
beforeEach(async () => {
  studio = await OpenStudio.open(browser);
  await studio.connect();
  await studio.press('speed-60');
  await studio.seen('[data-action="speed-60"][aria-pressed="true"]');
});
afterEach(async () => await studio.close());

/** Plays a scenario to its end, and waits until the client has recovered. */
async function play(name: string): Promise<void> {
  const label = await studio.text(`[data-action="scenario-${name}"]`);
  await studio.press(`scenario-${name}`);
  // The shortest scenario may end before the page is drawn again, but its log entry stays.
  await studio.told(label);
  await studio.seen(`[data-action="scenario-${name}"][aria-pressed="false"]`, 50_000);
  await studio.isIn('authorized');
  await studio.connectionIs('connected');
  await studio.isLit('auth.authorized');
}

/** Whether `wanted` appears in `whole` in this order, with or without other items in between. */
function holdsInOrder(whole: readonly string[], wanted: readonly string[]): boolean {
  let next = 0;
  for (const one of whole) if (one === wanted[next]) next += 1;
  return next === wanted.length;
}

/** The log, the oldest entry first. */
const told = async () => (await studio.titles()).reverse();

describe('a scenario, sixty times faster than real time', () => {
  it('“Laptop asleep for 2 h”: the token expires; the client gets another one and a new connection', async () => {
    const id = await studio.text('#connection-id');
    await play('asleep');
    expect(holdsInOrder(await studio.passed(), ['authorized', 'requesting', 'authorized'])).toBe(true);
    const happened = ['The lid is closed', 'The lid is opened', 'Token lost', 'Authorized'];
    expect(holdsInOrder(await told(), happened)).toBe(true);
    expect(await studio.text('#connection-id')).not.toBe(id);
  });

  it('“Auth server down 5 min”: renewing until the token expires, failed until there is another one', async () => {
    await play('outage');
    const states = ['authorized', 'renewing', 'failed', 'requesting', 'failed', 'requesting', 'authorized'];
    expect(holdsInOrder(await studio.passed(), states)).toBe(true);
    const happened = [
      'The auth server is down',
      'The renewal failed',
      'Token lost',
      'Failed',
      'The auth server is up again',
      'Authorized',
    ];
    expect(holdsInOrder(await told(), happened)).toBe(true);
    await studio.page.click('#show-all');
    await studio.seen('.token[data-token="1"]:is([data-end="died"], [data-end="refused"])');
  });

  it('“Key revoked”: the token and TokenRequests are refused until there is a new key', async () => {
    await play('key');
    const states = ['authorized', 'requesting', 'failed', 'requesting', 'authorized'];
    expect(holdsInOrder(await studio.passed(), states)).toBe(true);
    const happened = ['The key is revoked', 'Token lost', 'Failed', 'There is a new key', 'Authorized'];
    expect(holdsInOrder(await told(), happened)).toBe(true);
    expect(await studio.page.textContent('#log')).toContain('key revoked (40131)');
  });

  it('“User switched”: the token is for another user, on another connection', async () => {
    const id = await studio.text('#connection-id');
    expect(await studio.text('#client-id')).toBe('ada');
    await play('user');
    expect(holdsInOrder(await studio.passed(), ['authorized', 'renewing', 'authorized'])).toBe(true);
    const happened = ['The user is switched', 'Replacing the connection', 'Identity', 'Renewed'];
    for (const title of happened) expect(await told()).toContain(title);
    expect(await studio.text('#client-id')).toBe('grace');
    expect(await studio.text('#connection-id')).not.toBe(id);
  });

  it('a scenario can be stopped, and the service is as before', async () => {
    await studio.press('scenario-outage');
    await studio.seen('[data-action="source"][aria-pressed="true"]');
    await studio.press('scenario-outage');
    await studio.seen('[data-action="scenario-outage"][aria-pressed="false"]');
    await studio.seen('[data-action="source"][aria-pressed="false"]');
    await studio.told('Auth server down 5 min: stopped');
    expect(studio.demo.demo.clock.rate).toBe(1);
  });
});
