import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { ExampleInBrowser } from './example-in-browser.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

describe.each(['react', 'angular', 'vue', 'svelte'])('the example for %s', (name) => {
  let example: ExampleInBrowser;
  const reads = (id: string, text: string) => example.reads(`#${id}`, text);

  beforeAll(async () => {
    example = await ExampleInBrowser.open(browser, name);
  });

  afterAll(async () => await example?.close());

  it('the example signs in, and shows the user and the expiry', async () => {
    await reads('who', 'ada');
    await reads('state', 'authorized');
    await reads('until', ':');
  });

  it('the example switches the user', async () => {
    await example.press('Become grace');
    await reads('who', 'grace');
    await reads('state', 'authorized');
  });

  it('the example signs out and sends no more requests', async () => {
    await example.press('Sign out');
    await reads('state', 'idle');
    await reads('who', 'signed out');
    await reads('until', 'no token');
    const forTokens = example.requests.filter((request) => request.includes('/api/token'));
    const asParams = forTokens.map((request) => new URL(request.split(' ')[1] ?? '').searchParams);
    // `_` prevents caching, and has a new value each time.
    expect(new Set(asParams.map((params) => params.get('_'))).size).toBe(2);
    expect(asParams.map((params) => params.get('clientId'))).toEqual([null, 'grace']);
  });

  it('an answer of the backend cannot be loaded by a page of another origin', async () => {
    const { status, headers } = await fetch(new URL('/api/token', example.url));
    expect(status).toBe(200);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('the example sends requests only to its own server, and logs no errors', () => {
    const elsewhere = example.requests.filter(
      (request) => !request.includes(` ${example.url}`) && !request.includes(' data:'),
    );
    expect(elsewhere).toEqual([]);
    expect(example.complaints).toEqual([]);
  });
});
