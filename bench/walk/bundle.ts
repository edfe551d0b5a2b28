import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { instrumented } from '../../test/kit/instrument.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages are imported from where they are, because the bundle is in another folder. */
const packagesByAddress: Plugin = {
  name: 'packages-by-address',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./#]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path === 'latchkey' || path.startsWith('latchkey/')) return null;
      return { path: path.startsWith('node:') ? path : import.meta.resolve(path), external: true };
    });
  },
};

const instrument: Plugin = {
  name: 'instrument',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: instrumented(relative(root, path).replaceAll('\\', '/'), await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** Evaluates a module that is bundled from the sources, separate from every other copy of them. */
export async function evaluated<T>(contents: string, isInstrumented: boolean): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-walk-'));
  try {
    await build({
      stdin: { contents, resolveDir: root, sourcefile: 'entry.js' },
      outfile: join(folder, 'walk.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      conditions: ['latchkey-source'],
      logLevel: 'warning',
      plugins: [packagesByAddress, ...(isInstrumented ? [instrument] : [])],
    });
    return (await import(pathToFileURL(join(folder, 'walk.mjs')).href)) as T;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
