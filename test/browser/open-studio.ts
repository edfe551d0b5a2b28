import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { type StudioDemo, serveStudio } from '../../src/cli/serve.js';
import { Auth } from '../../src/index.js';
import { inspector } from '../../src/inspect.js';

export const root = fileURLToPath(new URL('../../dist/studio', import.meta.url));

/** Long enough to see every step on a slow machine, and too short for the service to ask first. */
export const TTL_MS = 20_000;

/** Keeps every message that the page receives. */
function keepWhatComes(): void {
  const received: string[] = [];
  Object.assign(window, { received });
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener('message', ({ data }) => received.push(String(data)));
    }
  };
}

/** A demo with its page open in a browser, and with everything needed to find leaked secrets. */
export class OpenStudio {
  readonly demo: StudioDemo;
  readonly page: Page;
  readonly printed: string[];
  readonly #secrets = new Set<string>();
  readonly #inspected: string[] = [];
  readonly #others: Record<string, string> = {};
  readonly #addresses: string[] = [];
  readonly #complaints: string[] = [];
  readonly #signing = vi.spyOn(Auth.prototype, 'createTokenRequest');

  private constructor(demo: StudioDemo, page: Page, printed: string[]) {
    this.demo = demo;
    this.page = page;
    this.printed = printed;
    this.#keepSecrets();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('request', (request) => this.#addresses.push(request.url()));
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenStudio> {
    if (!existsSync(`${root}/index.html`))
      throw new Error('The studio page is not built: run `npm run build` first.');
    const printed: string[] = [];
    const print = (line: string) => void printed.push(line);
    const demo = await serveStudio({ port: 0, root, ttlMs: TTL_MS, latencyMs: 250, print });
    const page = await browser.newPage(options);
    const studio = new OpenStudio(demo, page, printed);
    await page.addInitScript(keepWhatComes);
    await page.goto(demo.url);
    await studio.seen('#state');
    return studio;
  }

  /** Called for every page at its end: the page sent requests only to its server, and no secret leaked. */
  async close(): Promise<void> {
    try {
      expect(this.#complaints).toEqual([]);
      expect(this.#addresses.filter((address) => !address.startsWith(`${this.demo.url}/`))).toEqual([]);
      await this.expectNoSecret();
    } finally {
      this.#signing.mockRestore();
      await this.page.close();
      await this.demo.close();
    }
  }

  /** Adds another text from the page to the search. */
  alsoSearch(where: string, text: string): void {
    this.#others[where] = text;
  }

  /** Searches everything that page, recording, inspector and terminal received for each secret. */
  async expectNoSecret(): Promise<void> {
    const { demo, page } = this;
    for (const { value } of this.#signing.mock.settledResults) {
      this.#secrets.add((value as { mac: string }).mac).add((value as { nonce: string }).nonce);
    }
    const [received, drawn] = await Promise.all([
      page.evaluate(() => (window as unknown as { received: string[] }).received.join('\n')),
      page.evaluate(() => document.getElementById('studio')?.shadowRoot?.innerHTML ?? ''),
    ]);
    const everything = {
      received,
      drawn,
      recording: demo.recorder.recording(),
      inspected: this.#inspected.join('\n'),
      printed: this.printed.join('\n'),
      ...this.#others,
    };
    expect(received.length).toBeGreaterThan(1_000);
    expect(drawn.length).toBeGreaterThan(1_000);
    const hits = Object.entries(everything).flatMap(([where, text]) =>
      [...this.#secrets].filter((secret) => text.includes(secret)).map(() => where),
    );
    expect(hits).toEqual([]);
    expect(Object.values(everything).join()).not.toMatch(/"(mac|nonce|token|keySecret)":"(?!\[)/);
    console.log(
      `${this.#secrets.size} secrets searched in ${Object.values(everything).join().length} characters: 0 hits`,
    );
  }

  seen(selector: string, timeout = 30_000) {
    return this.page.waitForSelector(selector, { state: 'attached', timeout });
  }

  /** Presses a button. If it is in a menu, the menu is opened first, and closed after it. */
  async press(action: string): Promise<void> {
    const button = this.page.locator(`[data-action="${action}"]`);
    const menu = this.page.locator(`.menu:has([data-action="${action}"])`);
    const isInMenu = (await menu.count()) > 0;
    const toggle = (isOpen: boolean) =>
      menu.evaluate((details, open) => {
        (details as HTMLDetailsElement).open = open;
      }, isOpen);
    if (isInMenu) await toggle(true);
    await button.click();
    if (isInMenu) await toggle(false);
  }

  isIn(state: string) {
    return this.seen(`.studio[data-state="${state}"]`);
  }

  connectionIs(state: string) {
    return this.seen(`.studio[data-connection="${state}"]`);
  }

  /** Whether a state of a chart is drawn as active. */
  isLit(id: string) {
    return this.seen(`.canvas .node.active[data-id="${id}"]`);
  }

  async text(selector: string): Promise<string> {
    return (await this.page.textContent(selector))?.trim() ?? '';
  }

  titles(): Promise<string[]> {
    return this.page.$$eval('#log strong', (all) => all.map(({ textContent }) => textContent ?? ''));
  }

  /** Waits until the log has this title at least `count` times. */
  async told(title: string, count = 1): Promise<void> {
    await this.page
      .locator('#log strong', { hasText: new RegExp(`^${title}$`) })
      .nth(count - 1)
      .waitFor({
        state: 'attached',
      });
  }

  /** The states since the page was opened, as the page received them. */
  passed(): Promise<string[]> {
    return this.page.evaluate(() => {
      const passed: string[] = [];
      for (const text of (window as unknown as { received: string[] }).received) {
        const { type, entry } = JSON.parse(text);
        const value = type === 'entry' && entry.kind === 'view' ? entry.view.decision.value : undefined;
        if (value !== undefined && value !== passed.at(-1)) passed.push(value);
      }
      return passed;
    });
  }

  /** Authorizes, and waits for the connection. @returns the connection's id */
  async connect(): Promise<string> {
    await this.press('authorize');
    await this.isIn('authorized');
    await this.connectionIs('connected');
    return await this.text('#connection-id');
  }

  #keepSecrets(): void {
    const { auth, connection, key } = this.demo.demo;
    const [, keySecret = ''] = key.expose().split(':');
    expect(keySecret.length).toBeGreaterThan(20);
    this.#secrets.add(keySecret);
    const keep = () => void this.#secrets.add(auth.tokenDetails?.token ?? keySecret);
    auth.on('authorized', keep);
    auth.on('renewed', keep);
    const take = (event: InspectionEvent) => {
      const { _transitions: _definition, ...shown } = event as InspectionEvent & { _transitions?: unknown };
      this.#inspected.push(JSON.stringify({ ...shown, at: event.actorRef.getSnapshot() }));
    };
    auth.actor.system.inspect(inspector(take));
    connection.actor.system.inspect(inspector(take));
  }
}
