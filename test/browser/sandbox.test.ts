import { fileURLToPath } from 'node:url';
import { build as bundleByEsbuild } from 'esbuild';
import type { Browser } from 'playwright-core';
import { build as bundleByVite } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';
import { launchChromium } from './chromium.js';

const page = fileURLToPath(new URL('sandbox-page.ts', import.meta.url));

/** The page with the built package in it, as a bundler makes it for browsers, and what is in it. */
type Bundle = () => Promise<{ readonly code: string; readonly inputs: readonly string[] }>;

const byEsbuild: Bundle = async () => {
  const { outputFiles, metafile } = await bundleByEsbuild({
    entryPoints: [page],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
};

const byVite: Bundle = async () => {
  const built = await bundleByVite({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: {
        input: page,
        output: { format: 'iife', codeSplitting: false },
        checks: { emptyImportMeta: false },
      },
    },
  });
  const [{ output } = { output: [] }] = [built].flat().filter((one) => 'output' in one);
  const chunks = output.flatMap((one) => (one.type === 'chunk' ? [one] : []));
  return { code: chunks[0]?.code ?? '', inputs: chunks.flatMap(({ moduleIds }) => moduleIds) };
};

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

describe.each([
  ['esbuild', byEsbuild],
  ['Vite', byVite],
])('the sandbox in a page, bundled by %s', (_name, bundle) => {
  it('the sandbox issues, checks and revokes tokens in Chromium, and cannot listen there', async () => {
    const { code, inputs } = await bundle();
    expect(
      inputs.filter((path) => path.includes('/dist/') || path.startsWith('dist/')).length,
    ).toBeGreaterThan(3);
    // What only Node has is named so, and bundlers leave a stand-in for it.
    expect(inputs.filter((path) => /\.node\.js$|node:|__vite-browser-external|\/ws\//.test(path))).toEqual(
      [],
    );
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('pageerror', ({ message }) => complaints.push(message));
    await tab.addScriptTag({ content: code });
    const seen = await tab.evaluate(() =>
      (globalThis as unknown as { run(): Promise<Record<string, unknown>> }).run(),
    );
    await tab.close();
    expect(complaints).toEqual([]);
    expect(seen).toEqual({
      clientId: 'ada',
      isReplaced: true,
      connection: ['ada'],
      refused: { code: 40101, statusCode: 401 },
      packed: 'application/x-msgpack',
      listened: {
        code: 40003,
        message: 'sandbox.listen() must be called in Node; this platform cannot listen on a port',
        remediation:
          'Pass sandbox.fetch to the Auth, and sandbox.WebSocket to its connection: they need no port.',
      },
      disposed: 'the sandbox was disposed of',
    });
  });
});
