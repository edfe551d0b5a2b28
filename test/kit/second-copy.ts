import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as machines from '../../machines/index.js';
import type * as connection from '../../src/connection/index.js';
import type * as main from '../../src/index.js';
import type * as server from '../../src/server/index.js';
import { root } from './imports.js';

/** Two entries that an app may have twice. */
export interface Copy {
  readonly main: typeof main;
  readonly connection: typeof connection;
  readonly server: typeof server;
  readonly machines: typeof machines;
}

const contents = `
  export * as main from './src/index.ts';
  export * as connection from './src/connection/index.ts';
  export * as server from './src/server/index.ts';
  export * as machines from './machines/index.ts';
`;

/**
 * Loads the package once more with all of its dependencies. Its classes differ from those of the first copy.
 */
export async function secondCopy(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-copy-'));
  try {
    const outfile = join(folder, 'copy.cjs');
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      conditions: ['latchkey-source'],
      outfile,
    });
    return createRequire(import.meta.url)(outfile) as Copy;
  } finally {
    await rm(folder, { recursive: true });
  }
}
