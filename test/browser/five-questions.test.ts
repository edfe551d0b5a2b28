import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './chromium.js';
import { OpenStudio } from './open-studio.js';
import { Witness } from './studio-witness.js';

/** The parts that answer the five questions. */
const ANSWERS = [
  ...['#client-id', '#capability', '#state', '#words', '#countdown', '#obtained'],
  ...['#connection-state', '#connection-words', '#trouble', '#lanes', '#log'],
];

let browser: Browser;
let studio: OpenStudio;
let witness: Witness;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());
beforeEach(async () => {
  studio = await OpenStudio.open(browser, { viewport: { width: 1440, height: 900 } });
  witness = new Witness(studio);
  await studio.connect();
  await studio.press('speed-60');
  await studio.seen('[data-action="speed-60"][aria-pressed="true"]');
});
afterEach(async () => await studio.close());

/** The explanation of the client and the texts of the page, both at about the same moment. */
async function both() {
  const { auth, connection } = studio.demo.demo;
  const text = async (selector: string) => (await studio.text(selector)).replace(/\s+/g, ' ');
  return {
    explained: auth.explain(),
    connection,
    shown: {
      who: await text('#client-id'),
      channels: await studio.page.$$eval('#capability .channel .mono', (all) =>
        all.map((one) => one.textContent),
      ),
      state: await text('#state'),
      words: await text('#words'),
      good: await text('#countdown'),
      obtained: await text('#obtained'),
      connection: await text('#connection-state'),
      link: await text('#connection-words'),
      trouble: await text('#trouble'),
    },
  };
}

/** The seconds in a text such as "Good for 1 min 5 s". */
function secondsIn(text: string): number {
  const [, minutes = '0'] = /(\d+) min/.exec(text) ?? [];
  const [, seconds = '0'] = /([\d.]+) s\b/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Compares the five answers of the page with what the client itself and the service say. */
async function expectAnswers(): Promise<void> {
  const { explained, connection, shown } = await both();
  const { auth } = studio.demo.demo;
  // Who?
  expect(shown.who).toBe(auth.clientId ?? 'anonymous');
  const capability = explained.token?.capability;
  expect(shown.channels).toEqual(capability === undefined ? [] : Object.keys(JSON.parse(capability)));
  // Is it good?
  expect([shown.state, shown.connection]).toEqual([explained.value, connection.state]);
  if (explained.token?.diesInMs == null) expect(shown.good).toMatch(/^No (usable )?token$/);
  else expect(Math.abs(secondsIn(shown.good) - explained.token.diesInMs / 1_000)).toBeLessThan(3);
  // Why was it obtained?
  const { acquired } = witness;
  if (explained.token !== null && acquired !== undefined) {
    const steps = Object.values(acquired.stepsMs).reduce((sum, ms) => sum + ms, 0);
    expect(shown.obtained).toMatch(/^Obtained \d\d:\d\d:\d\d \(.+\), (because .+|reason: .+), took /);
    const took = /took ([\d.]+ (?:ms|s))/.exec(shown.obtained)?.[1] ?? '';
    expect(
      Math.abs((took.endsWith('ms') ? Number.parseFloat(took) : secondsIn(took) * 1_000) - steps),
    ).toBeLessThan(600);
  }
  // What is next?
  const next = explained.next;
  if (next?.step === 'renew') expect(shown.words).toContain('renews in');
  if (next?.step === 'retry') expect(shown.words).toContain('next try in');
  if (next === undefined) expect(shown.words).not.toMatch(/renews in|next try in/);
  if (connection.state === 'disconnected') expect(shown.link).toMatch(/Next try in|It tries again/);
  // What went wrong?
  const { trouble } = witness;
  if (trouble === undefined) expect(shown.trouble).toBe('No trouble so far');
  else
    for (const part of [trouble.message, `code ${trouble.code}`, trouble.reason])
      expect(shown.trouble).toContain(part);
}

/** All answers are on the screen, and nothing has to be scrolled. */
async function expectOneScreen(width: number, height: number): Promise<void> {
  await studio.page.setViewportSize({ width, height });
  await studio.page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  const hidden = await studio.page.evaluate(
    ({ selectors, size }) => {
      const host = document.getElementById('studio');
      const root = host?.shadowRoot;
      const outside = selectors.filter((selector) => {
        const box = root?.querySelector(selector)?.getBoundingClientRect();
        return (
          box === undefined ||
          box.top < 0 ||
          box.left < 0 ||
          box.bottom > size.height + 1 ||
          box.right > size.width + 1
        );
      });
      const cut = [...(root?.querySelectorAll<HTMLElement>('.pane') ?? [])]
        .filter((pane) => pane.scrollHeight > pane.clientHeight + 1)
        .map(({ id }) => `${id} is cut`);
      const scrolls = [document.documentElement, host].some(
        (one) => (one?.scrollHeight ?? 0) > size.height + 1,
      );
      return [...outside, ...cut, ...(scrolls ? ['the page scrolls'] : [])];
    },
    { selectors: ANSWERS, size: { width, height } },
  );
  expect(hidden).toEqual([]);
}

const sizes = [
  [1440, 900],
  [1280, 720],
] as const;

async function expectAll(): Promise<void> {
  // The page is drawn a moment later than the client changes.
  await expect.poll(() => expectAnswers().then(() => 'right', String), { timeout: 10_000 }).toBe('right');
  for (const [width, height] of sizes) await expectOneScreen(width, height);
}

/** Stops the faster time of a scenario, so that the client stays as it is while it is looked at. */
async function lookCloser(isSo: () => boolean): Promise<void> {
  const { clock } = studio.demo.demo;
  // The page may be slower than the scenario, and would miss it.
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
  clock.rate = 1;
  await expectAll();
  clock.rate = 60;
}

async function ended(name: string): Promise<void> {
  await studio.seen(`[data-action="scenario-${name}"][aria-pressed="false"]`, 50_000);
  await studio.isIn('authorized');
  await studio.connectionIs('connected');
}

describe('five questions are answered on one screen', () => {
  it('“Laptop asleep for 2 h”: the sleep is hatched, and the trouble stays after the recovery', async () => {
    await expectAll();
    await studio.press('scenario-asleep');
    await studio.told('Woke up');
    await ended('asleep');
    await expectAll();
    expect(witness.trouble).toBeDefined();
    await studio.page.click('#show-all');
    await studio.seen('.unseen');
    expect(await studio.text('.unseen title')).toMatch(/^asleep for (2 h|1 h 59 min): nothing was seen$/);
    // The bars of the client and of its connection are under the hatching.
    const isCovered = await studio.page.evaluate(() => {
      const root = document.getElementById('studio')?.shadowRoot;
      const box = root?.querySelector('.unseen-paper')?.getBoundingClientRect();
      const top = root?.elementFromPoint((box?.left ?? 0) + (box?.width ?? 0) / 2, (box?.top ?? 0) + 12);
      return top?.closest('.unseen') != null;
    });
    expect(isCovered).toBe(true);
  });

  it('“Auth server down 5 min”: answered while the renewal is tried again, while there is no token, and after it', async () => {
    await studio.press('scenario-outage');
    const { auth, connection } = studio.demo.demo;
    await lookCloser(() => auth.state.value === 'renewing' && auth.state.attempts > 0);
    await lookCloser(() => auth.state.value === 'failed' && auth.state.attempts > 3);
    await lookCloser(() => auth.state.value === 'failed' && connection.state === 'disconnected');
    expect(auth.explain().error?.code).toBe(40170);
    await ended('outage');
    await expectAll();
    await studio.page.click('#show-all');
    const tries = await studio.page.$$eval('.span[data-value="failed"]', (all) =>
      all.map((one) => Number((one as SVGElement).dataset.tries)),
    );
    expect(Math.max(...tries)).toBeGreaterThan(3);
  });

  it('“Key revoked”: answered while there is no key, and after it', async () => {
    await studio.press('scenario-key');
    await lookCloser(() => studio.demo.demo.auth.state.value === 'failed');
    const refused = studio.demo.demo.sandbox.requests.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    expect(await studio.text('#trouble')).toContain('key revoked');
    await ended('key');
    await expectAll();
  });

  it('“User switched”: answered for the other user', async () => {
    await studio.press('scenario-user');
    await studio.told('Identity', 2);
    await ended('user');
    await expectAll();
    expect(await studio.text('#client-id')).toBe('grace');
  });
});

describe('a session with all scenarios', () => {
  it('every entry, pressed, shows its own state', async () => {
    for (const name of ['asleep', 'key', 'user', 'outage']) {
      await studio.press(`scenario-${name}`);
      await studio.told(await studio.text(`[data-action="scenario-${name}"]`));
      await ended(name);
    }
    await studio.page.click('.chip[data-about="machine"]');
    // The client goes on while entries are pressed.
    const least = { events: witness.events.length, steps: witness.steps.length };
    const pressed = await studio.page.evaluate(async () => {
      const root = document.getElementById('studio')?.shadowRoot;
      const drawn = () =>
        new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
      const numbers = () =>
        [...(root?.querySelectorAll<HTMLElement>('#log li[data-n]') ?? [])].map((row) =>
          Number(row.dataset.n),
        );
      await drawn();
      for (
        let more = root?.querySelector<HTMLElement>('.more');
        more != null;
        more = root?.querySelector('.more')
      ) {
        more.click();
        await drawn();
      }
      const all = [];
      // The newest first: the rows below the pressed one stay.
      for (const n of numbers()) {
        const row = root?.querySelector<HTMLElement>(`#log li[data-n="${n}"]`);
        const about = row?.dataset.about ?? '';
        const title = row?.querySelector('strong')?.textContent ?? '';
        const edges = row?.querySelector('p span')?.textContent ?? '';
        row?.querySelector<HTMLElement>('.at')?.click();
        await drawn();
        const { state, connection } = root?.querySelector<HTMLElement>('.studio')?.dataset ?? {};
        const clientId = root?.querySelector('#client-id')?.textContent ?? '';
        const headline = root?.querySelector('#state')?.textContent ?? '';
        all.push({
          n,
          about,
          title,
          edges,
          state: state ?? '',
          connection: connection ?? '',
          clientId,
          headline,
        });
      }
      return all.reverse();
    });
    expect(pressed.length).toBeGreaterThan(150);
    const isWitnessed = ({ about, title }: { about: string; title: string }) =>
      (about === 'token' || about === 'connection') && title !== 'Woke up';
    const told = pressed.filter(isWitnessed);
    // The page was opened before the witness listened: it knows all that followed.
    const shown = told.map(({ title, state, connection, clientId }) => ({
      title,
      state,
      connection,
      clientId,
    }));
    const wrong = shown.filter((one, index) => JSON.stringify(one) !== JSON.stringify(witness.events[index]));
    expect(wrong).toEqual([]);
    expect(shown.length).toBeGreaterThanOrEqual(least.events);
    const steps = pressed.filter(({ about, edges }) => about === 'machine' && edges !== '');
    const wrongSteps = steps.filter(({ title, state, connection }, index) => {
      const step = witness.steps[index];
      const isAuth = title.startsWith('auth:');
      return (
        step?.machine !== (isAuth ? 'auth' : 'connection') || step.state !== (isAuth ? state : connection)
      );
    });
    expect(wrongSteps).toEqual([]);
    expect(steps.length).toBeGreaterThanOrEqual(least.steps);
    expect(pressed.filter(({ headline, state }) => headline !== state)).toEqual([]);
    // Others are between two events of the client.
    const events = pressed.map((one) => (isWitnessed(one) || one.about === 'machine' ? one.state : null));
    const lost = pressed.filter(({ state }, index) => {
      const before = events.slice(0, index + 1).findLast((one) => one !== null) ?? 'idle';
      const after = events.slice(index).find((one) => one !== null);
      return events[index] === null && state !== before && state !== after;
    });
    expect(lost).toEqual([]);
    console.log(`${pressed.length} entries pressed: 0 wrong`);
  });
});
