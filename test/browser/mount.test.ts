import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type OutputFile } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root as project } from '../kit/imports.js';
import { launchChromium } from './chromium.js';

const TOKEN = 'appId.a-Token-Nobody-May-See-0123456789';

let browser: Browser;
let server: Server;
let files: readonly OutputFile[];
let page: Page;
let url: string;
let asked: string[];
let given = 0;

/** The first example on the studio's documentation page, with the endpoint of this test. */
function documented(): string {
  const text = readFileSync(join(project, 'docs/studio.md'), 'utf8');
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
  return code;
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/api/token') {
      const now = Date.now();
      given += 1;
      const token = {
        token: `${TOKEN}-${given}`,
        issued: now,
        expires: now + 60_000,
        capability: '{"*":["*"]}',
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
      return;
    }
    const file = files.find(({ path }) => path === join('/out', pathname));
    const type = file === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': "default-src 'self'; style-src 'none'",
    });
    response.end(file?.contents ?? '<!doctype html><body><script type="module" src="/app.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
  const code = documented().replaceAll('https://example.com', url);
  const contents = `${code}\nObject.assign(window, { auth, mountStudio });`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project, sourcefile: 'app.ts', loader: 'ts' },
    entryNames: 'app',
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: '/out',
    write: false,
    logLevel: 'silent',
  });
  files = outputFiles;
});

afterAll(async () => {
  await browser?.close();
  server.close();
  server.closeAllConnections();
});

beforeEach(async () => {
  asked = [];
  page = await browser.newPage();
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => asked.push(`error: ${error.message}`));
  await page.goto(url);
  await page.waitForSelector('[data-canvas="auth"] [data-id="auth.authorized"]', {
    state: 'attached',
  });
  return async () => await page.close();
});

describe('an application’s own client in the studio', () => {
  it('mounting the studio needs at most five lines of code', () => {
    const lines = documented()
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(lines.every((line) => line.length <= 110)).toBe(true);
  });

  it('the studio shows a client live, under a strict policy, without other origins and without secrets', async () => {
    await page.click('[data-action="authorize"]');
    await page.waitForSelector('.studio[data-state="authorized"]', { state: 'attached' });
    await page.waitForSelector('[data-id="auth.authorized"].active', { state: 'attached' });
    expect(await page.textContent('#words')).toMatch(/^Authorized: a token was obtained; renews in /);
    expect(await page.textContent('#connection-state')).toBe('none');
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
    const shown = await page.evaluate(
      () => document.querySelector('body > div')?.shadowRoot?.innerHTML ?? '',
    );
    expect(shown).toMatch(/<span class="mono">(<!--.*?-->)*\*<\/span>/);
    expect(shown).not.toContain(TOKEN);
  });

  it('the studio records from when it is mounted, and leaves the page as it was', async () => {
    const left = await page.evaluate(async () => {
      const { auth, mountStudio } = window as unknown as {
        auth: import('../../src/index.js').Auth;
        mountStudio: typeof import('../../src/studio/index.js').mountStudio;
      };
      await auth.authorize();
      const place = document.createElement('div');
      document.body.append(place);
      const studio = mountStudio(auth, place, { title: 'late' });
      await studio.ready;
      await auth.authorize();
      const recording = studio.recording();
      const title = place.shadowRoot?.querySelector('.title')?.textContent;
      studio.dispose();
      studio.dispose();
      return { recording, title, rest: place.shadowRoot?.textContent, state: auth.state.value };
    });
    expect(left).toMatchObject({ title: 'late', rest: '', state: 'authorized' });
    expect(left.recording).toContain('"title":"Renewed"');
    expect(left.recording).not.toContain(TOKEN);
  });

  it('mounting without an element is refused with a reason', async () => {
    const words = await page.evaluate(() => {
      const { auth, mountStudio } = window as never as {
        auth: never;
        mountStudio: (a: never, b: null) => void;
      };
      try {
        mountStudio(auth, null);
        return '';
      } catch (error) {
        return String(error);
      }
    });
    expect(words).toContain('ErrorInfo 40003/400: element is null, not an element of the page.');
  });

  it('an element with a shadow root or a studio is refused with a reason, and works after that studio is gone', async () => {
    const told = await page.evaluate(async () => {
      const { auth, mountStudio } = window as unknown as {
        auth: import('../../src/index.js').Auth;
        mountStudio: typeof import('../../src/studio/index.js').mountStudio;
      };
      const attempt = (element: Element) => {
        try {
          mountStudio(auth, element);
          return 'mounted';
        } catch (error) {
          return String(error);
        }
      };
      const place = document.createElement('div');
      document.body.append(place);
      const first = mountStudio(auth, place);
      const words = [attempt(place), attempt(document.createElement('img'))];
      await first.ready;
      first.dispose();
      const second = mountStudio(auth, place, { title: 'the second' });
      await second.ready;
      const studios = place.shadowRoot?.querySelectorAll('.studio').length;
      second.dispose();
      return { words, studios };
    });
    expect(told).toEqual({
      words: [
        expect.stringContaining('element already shows a studio. Dispose of that studio first'),
        expect.stringContaining(
          'element must be able to have a shadow root, and must not have its own. Use a div.',
        ),
      ],
      studios: 1,
    });
  });

  it('the studio floats as a button in the colour of the state, opens as a panel, and is remembered', async () => {
    const mount = (title: string) =>
      page.evaluate(async (name) => {
        const { auth, mountStudio } = window as unknown as {
          auth: import('../../src/index.js').Auth;
          mountStudio: typeof import('../../src/studio/index.js').mountStudio;
        };
        document.body.replaceChildren();
        const place = document.body.appendChild(document.createElement('div'));
        const studio = mountStudio(auth, place, { title: name, panel: true, theme: 'dark' });
        Object.assign(window, { studio });
        await studio.ready;
      }, title);
    await page.setViewportSize({ width: 1280, height: 800 });
    await mount('a client');
    const button = page.locator('.floating');
    expect(await button.getAttribute('data-tone')).toBe('idle');
    expect(await page.locator('#dock .studio').count()).toBe(0);
    const colour = () => button.evaluate((one) => getComputedStyle(one).backgroundColor);
    const idle = await colour();
    await page.evaluate(() =>
      (window as unknown as { auth: { authorize(): Promise<unknown> } }).auth.authorize(),
    );
    await page.waitForSelector('.floating[data-tone="authorized"]');
    expect(await button.textContent()).toBe('Latchkey: authorized');
    expect(await colour()).not.toBe(idle);
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#dock .studio[data-state="authorized"]');
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    const paper = await page
      .locator('#dock .studio')
      .evaluate((one) => getComputedStyle(one).backgroundColor);
    expect(paper).toBe('rgb(15, 18, 24)');
    // The studio recorded before its panel was opened.
    await page.waitForSelector('#dock #log strong:text-is("Authorized")', { state: 'attached' });
    const shown = await page.evaluate(() => {
      const inner = document
        .querySelector('body > div')
        ?.shadowRoot?.querySelector('#dock > div')?.shadowRoot;
      const { studio } = window as unknown as { studio: { recording(): string } };
      return `${inner?.innerHTML}${studio.recording()}`;
    });
    expect(shown).toContain('What happened');
    expect(shown).not.toContain(TOKEN);
    await page.evaluate(() => (window as unknown as { studio: { dispose(): void } }).studio.dispose());
    expect(await page.locator('.floating').count()).toBe(0);
    await page.reload();
    await page.waitForSelector('.studio', { state: 'attached' });
    await mount('a client');
    await page.waitForSelector('#dock .studio[data-state="idle"]');
    await page.click('.floating');
    await page.waitForSelector('#dock', { state: 'hidden' });
    await mount('a client');
    expect(await page.locator('#dock .studio').count()).toBe(0);
  });

  describe('panels in a page', () => {
    const mountPanels = (titles: readonly string[]) =>
      page.evaluate(async (names) => {
        const { auth, mountStudio } = window as unknown as {
          auth: import('../../src/index.js').Auth;
          mountStudio: typeof import('../../src/studio/index.js').mountStudio;
        };
        document.body.replaceChildren();
        for (const title of names) {
          const place = document.body.appendChild(document.createElement('div'));
          await mountStudio(auth, place, { title, panel: true }).ready;
        }
      }, titles);
    const isOpen = async () =>
      await page
        .locator('.floating')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-expanded') === 'true'));

    it('two panels have buttons beside each other, one is open at a time, and each is remembered by its title', async () => {
      await page.setViewportSize({ width: 1280, height: 800 });
      await mountPanels(['one', 'two']);
      const [first, second] = [page.locator('.floating').nth(0), page.locator('.floating').nth(1)];
      const [one, two] = [await first.boundingBox(), await second.boundingBox()];
      expect((two?.y ?? 0) + (two?.height ?? 0)).toBeLessThan(one?.y ?? 0);
      await first.click();
      expect(await isOpen()).toEqual([true, false]);
      await second.click();
      expect(await isOpen()).toEqual([false, true]);
      await page.reload();
      await page.waitForSelector('.studio', { state: 'attached' });
      await mountPanels(['one', 'two']);
      expect(await isOpen()).toEqual([false, true]);
    });

    it('what the user types in the panel does not reach the page', async () => {
      await mountPanels(['keys']);
      await page.evaluate(() => {
        const heard: string[] = [];
        Object.assign(window, { heard });
        for (const type of ['keydown', 'keypress', 'keyup'])
          document.addEventListener(type, (event) => heard.push(`${type} ${(event as KeyboardEvent).key}`));
      });
      await page.click('.floating');
      await page.locator('#search').focus();
      await page.keyboard.press('k');
      expect(await page.locator('#search').inputValue()).toBe('k');
      await page.locator('.floating').focus();
      await page.keyboard.press('j');
      expect(await page.evaluate(() => (window as unknown as { heard: string[] }).heard)).toEqual([
        'keydown j',
        'keypress j',
        'keyup j',
      ]);
    });

    it('the panel says why the studio could not be loaded', async () => {
      await mountPanels(['fails']);
      // The code of the studio is there already, so its start fails instead.
      await page.evaluate(() => {
        Element.prototype.attachShadow = () => {
          throw new Error('no roots today');
        };
      });
      await page.click('.floating');
      await page.waitForSelector('#dock p', { timeout: 5_000 });
      expect(await page.textContent('#dock')).toBe('The studio could not be loaded: no roots today');
      expect(asked.filter((one) => one.startsWith('error'))).toEqual([]);
    });
  });

  it('an app that does not ask for the studio ships no byte of it', async () => {
    const { metafile } = await build({
      stdin: {
        contents: "import { Auth } from 'latchkey'; new Auth({ authUrl: '/api/token' });",
        resolveDir: project,
      },
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir: '/out',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    expect(Object.keys(metafile.inputs).length).toBeGreaterThan(20);
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('studio'))).toEqual([]);
  });

  it('the client loads no part of the studio, and the studio has no layout engine', () => {
    for (const { text } of files) expect(text).not.toContain('org.eclipse.elk');
    const entry = files.find(({ path }) => path === '/out/app.js')?.text ?? '';
    expect(entry.length).toBeLessThan(600_000);
    expect(entry).not.toContain('class="studio"');
  });
});
