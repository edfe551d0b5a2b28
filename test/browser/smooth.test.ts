import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { OpenStudio } from './open-studio.js';

const EVENTS = 10_000;
const PER_SECOND = 60;
const SECONDS = 3;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

it('the page stays responsive with a session of 10,000 events and 60 more a second', async () => {
  const studio = await OpenStudio.open(browser);
  const { page, demo } = studio;
  await studio.connect();
  const note = (index: number) =>
    demo.recorder.note({
      about: index % 3 === 0 ? 'hand' : 'service',
      tone: index % 7 === 0 ? 'bad' : 'calm',
      title: `Event ${index}`,
      detail: 'one of very many',
    });
  for (let index = 1; index <= EVENTS; index += 1) note(index);
  await studio.told(`Event ${EVENTS}`);
  let last = EVENTS;
  const pump = setInterval(() => {
    last += 1;
    note(last);
  }, 1_000 / PER_SECOND);
  const frames = await page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        let count = 0;
        const start = performance.now();
        const next = (at: number) => {
          count += 1;
          if (at - start < ms) requestAnimationFrame(next);
          else resolve(count / ((at - start) / 1_000));
        };
        requestAnimationFrame(next);
      }),
    SECONDS * 1_000,
  );
  clearInterval(pump);
  await studio.told(`Event ${last}`);
  expect(last - EVENTS).toBeGreaterThan(PER_SECOND);
  console.log(
    `${EVENTS} events, then ${Math.round((last - EVENTS) / SECONDS)} a second: ${frames.toFixed(1)} frames a second`,
  );
  // Only progress is asserted, because the speed depends on the other load of the machine.
  expect(frames).toBeGreaterThan(3);
  await studio.close();
});
