import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { ExampleInBrowser } from './example-in-browser.js';

describe('the example in which the user signs in at the server', () => {
  let browser: Browser;
  let example: ExampleInBrowser;

  beforeAll(async () => {
    browser = await launchChromium();
    example = await ExampleInBrowser.open(browser, 'react-sign-in');
  });

  afterAll(async () => {
    await example?.close();
    await browser?.close();
  });

  const reads = (where: string, text: string) => example.reads(where, text);

  async function signIn(user: string, password: string): Promise<void> {
    await example.page.fill('[name=user]', user);
    await example.page.fill('[name=password]', password);
    await example.press('Sign in');
  }

  const forToken = () => example.requests.filter((request) => request.includes('/api/token'));

  it('the page requests no token before the user is signed in', async () => {
    await example.page.waitForSelector('form');
    await signIn('ada', 'wrong');
    await reads('[role=alert]', 'wrong');
    expect(forToken()).toEqual([]);
  });

  it('the page shows the user of the cookie, and a connection', async () => {
    await signIn('ada', 'engine');
    await reads('#who', 'ada');
    await reads('#state', 'authorized');
    await reads('#connection', 'connected');
  });

  it('another user gets another client and another connection', async () => {
    await example.press('Sign out');
    await signIn('grace', 'compiler');
    await reads('#who', 'grace');
    await reads('#connection', 'connected');
  });

  it('no request of the page names a user', () => {
    expect(forToken().length).toBeGreaterThan(1);
    for (const request of forToken()) expect(request).not.toMatch(/ada|grace|clientId/);
    // Chromium logs the answer to the wrong password.
    expect(example.complaints).toEqual([expect.stringContaining('a status of 403')]);
  });

  it('a page that asks for another user gets its own, and without a session none', async () => {
    const token = (address: string) =>
      example.page.evaluate(async (path) => {
        const response = await fetch(path);
        return [response.status, (await response.json()).clientId];
      }, address);
    expect(await token('/api/token?clientId=ada')).toEqual([200, 'grace']);
    expect((await fetch(new URL('/api/token?clientId=ada', example.url))).status).toBe(401);
  });
});
