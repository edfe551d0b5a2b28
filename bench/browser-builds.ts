import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * `latchkey` as a bundler builds it for a browser: `dist/` with the browser conditions, so with the signer of
 * `@noble/hashes`. Node can run it, because it needs nothing that only browsers have.
 */
export async function latchkeyForBrowsers(): Promise<typeof import('latchkey')> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const outfile = join(folder, 'latchkey.mjs');
  try {
    const { metafile } = await build({
      stdin: { contents: "export { Auth } from 'latchkey';", resolveDir: root },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      outfile,
      metafile: true,
      logLevel: 'silent',
    });
    const inputs = Object.keys(metafile.inputs);
    if (!inputs.some((path) => path.endsWith('dist/src/signing/hmac.noble.js'))) {
      throw new Error('the bundle is not the one for browsers: run `npm run build` first');
    }
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file that `ably` names as its browser build. It warns when it runs in Node, which is intended here. */
export function ablyForBrowsers(): typeof import('ably') {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve('ably')), 'ably.js');
  const { log, warn } = console;
  Object.assign(console, { log: () => {}, warn: () => {} });
  try {
    return require(file);
  } finally {
    Object.assign(console, { log, warn });
  }
}
