import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What the witness in the page keeps. */
interface Witness {
  readonly secrets: Set<string>;
  readonly violations: string[];
}

const witnessIn = () => (window as unknown as { witness: Witness }).witness;

/**
 * Keeps each secret of the page: long random values, from which the key is made, and what the endpoint and the service
 * answer. Also keeps what the policy of the page refuses.
 */
function keepSecrets(): void {
  const witness: Witness = { secrets: new Set(), violations: [] };
  Object.assign(window, { witness });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    witness.violations.push(`${violatedDirective} ${blockedURI}`),
  );
  const plain = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    const filled = plain(array as never) as T;
    // Shorter ones are ids, which are no secrets.
    if (filled instanceof Uint8Array && filled.length >= 12) {
      const base64 = btoa(String.fromCharCode(...filled)).replace(/=+$/, '');
      const forUrls = base64.replace(/\+/g, '-').replace(/\//g, '_');
      for (const text of [base64, forUrls, forUrls.replace(/[-_]/g, 'x')]) witness.secrets.add(text);
    }
    return filled;
  };
  const Plain = window.Response;
  window.Response = class extends Plain {
    constructor(body?: BodyInit | null, init?: ResponseInit) {
      super(body, init);
      for (const [, secret = ''] of String(body).matchAll(/"(?:token|mac|nonce)":"([^"]{12,})"/g))
        witness.secrets.add(secret);
    }
  };
}

/** A tab with the playground, and a witness of what it asks for and says. */
export class OpenPlayground {
  readonly page: Page;
  /** The addresses that the page asked for. */
  readonly asked: string[] = [];
  /** What the page said on the console, and its errors. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => this.asked.push(request.url()));
  }

  static async open(
    from: Browser | BrowserContext,
    url: string,
    options: BrowserContextOptions = {},
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<OpenPlayground> {
    const page = await ('newContext' in from ? from.newPage(options) : from.newPage());
    const playground = new OpenPlayground(page);
    await page.addInitScript(keepSecrets);
    await prepare?.(page);
    await page.goto(url);
    return playground;
  }

  /** Closes the tab. It asked for itself only, said nothing, and did nothing that its policy forbids. */
  async close(): Promise<void> {
    const { violations } = await this.page.evaluate(witnessIn);
    const own = this.page.url().split('#')[0];
    await this.page.close();
    expect(this.complaints).toEqual([]);
    expect(violations).toEqual([]);
    expect(new Set(this.asked.map((address) => address.split('#')[0]))).toEqual(new Set([own]));
  }

  seen(selector: string) {
    return this.page.waitForSelector(selector, { state: 'attached', timeout: 60_000 });
  }

  /** Waits until what happened has this title. */
  async told(title: string): Promise<void> {
    await this.page
      .locator('#log strong', { hasText: new RegExp(`^${title}$`) })
      .first()
      .waitFor({ state: 'attached', timeout: 60_000 });
  }

  async isWell(): Promise<void> {
    await this.seen('.studio[data-state="authorized"][data-connection="connected"]');
  }

  /** Waits for the end of the scenario and for the client. */
  async recovered(scenario: string): Promise<void> {
    await this.seen(`[data-action="${scenario}"][aria-pressed="false"]`);
    await this.isWell();
  }

  perform(control: string): Promise<void> {
    return this.page
      .locator(`[data-action="${control}"]`)
      .evaluate((button) => (button as HTMLElement).click());
  }

  /** The file that the button Export saves. */
  async recording(): Promise<string> {
    const saved = this.page.waitForEvent('download');
    await this.page.click('#export');
    return await readFile(await (await saved).path(), 'utf8');
  }

  /** Searches the secrets in everything that the page shows, saves and stores. @returns how many were searched */
  async expectNoSecret(): Promise<number> {
    const recording = await this.recording();
    const { secrets, shown } = await this.page.evaluate(() => {
      const textsOf = (root: Document | ShadowRoot): string =>
        [...root.querySelectorAll('*')].reduce(
          (all, { shadowRoot }) => (shadowRoot === null ? all : `${all}${textsOf(shadowRoot)}`),
          root instanceof Document ? document.body.outerHTML : root.innerHTML,
        );
      const stored = [localStorage, sessionStorage].map((one) => JSON.stringify(one)).join();
      return {
        secrets: [...(window as unknown as { witness: Witness }).witness.secrets],
        shown: [textsOf(document), stored, document.cookie, document.title, location.href].join('\n'),
      };
    });
    const everything = `${recording}\n${shown}\n${this.complaints.join('\n')}`;
    expect(recording).toContain('The auth server is down');
    expect(shown).toContain('What happened');
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
    expect(everything).not.toMatch(/"(mac|nonce|token|keySecret)":"(?!\[)/);
    return secrets.length;
  }
}
