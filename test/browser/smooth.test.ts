import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { OpenStudio } from './open-studio.js';

/** `npm run long` shows 10,000 entries in half an hour. */
const SECONDS = 60 * Number(process.env.STUDIO_MINUTES ?? 0.05);
const LIVE = process.env.STUDIO_MINUTES === undefined ? 200 : 10_000;
const IDLE_SECONDS = process.env.STUDIO_MINUTES === undefined ? 3 : 60;

/** More than the page keeps. */
const EARLIER = 13_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

/** Bytes of the page's heap, after a collection. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** How long the page has worked so far, seconds. */
async function workOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it(`the page keeps its memory with a session of ${EARLIER} entries and ${LIVE} more, and works little while nothing happens`, async () => {
  const studio = await OpenStudio.open(browser, { viewport: { width: 1440, height: 900 } });
  const { page, demo } = studio;
  await studio.connect();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  let count = 0;
  const note = () => {
    count += 1;
    demo.recorder.note({
      about: count % 3 === 0 ? 'hand' : 'service',
      tone: count % 7 === 0 ? 'bad' : 'calm',
      title: `Event ${count}`,
      detail: 'one of very many',
    });
  };
  while (count < EARLIER) note();
  await studio.told(`Event ${EARLIER}`);
  const before = await heapOf(session);
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
    });
    // What this test keeps itself does not count.
    (window as unknown as { received: string[] }).received.length = 0;
  });
  const kept: number[] = [];
  for (let part = 0; part < 10; part += 1) {
    for (let index = 0; index < LIVE / 10; index += 1) {
      note();
      await pause((SECONDS * 1_000) / LIVE);
    }
    await page.evaluate(() => {
      (window as unknown as { received: string[] }).received.splice(0, Number.POSITIVE_INFINITY);
    });
    kept.push(await heapOf(session));
  }
  await studio.told(`Event ${count}`);
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  const [work, since] = [await workOf(session), performance.now()];
  await pause(IDLE_SECONDS * 1_000);
  const share = (await workOf(session)) - work;
  const idle = (100 * share) / ((performance.now() - since) / 1_000);
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  console.log(
    `${LIVE} entries in ${SECONDS} s after ${EARLIER}: heap ${megabytes(before)} MB before, ${megabytes(Math.max(...kept))} MB at most after it; ` +
      `longest task ${Math.round(Math.max(0, ...tasks))} ms of ${tasks.length} over 50 ms; ${idle.toFixed(1)} % of a core while nothing happens`,
  );
  expect(count).toBe(EARLIER + LIVE);
  expect(Math.max(...kept)).toBeLessThan(1.3 * before + 4 * 1024 * 1024);
  const entries = await page.evaluate(
    () =>
      Number(document.getElementById('studio')?.shadowRoot?.querySelector<HTMLInputElement>('#travel')?.max) -
      Number(document.getElementById('studio')?.shadowRoot?.querySelector<HTMLInputElement>('#travel')?.min),
  );
  expect(entries).toBeLessThan(12_100);
  await page.evaluate(() => (window as unknown as { received: string[] }).received.push('x'.repeat(2_000)));
  await studio.close();
});
