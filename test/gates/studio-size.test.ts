import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { root } from '../kit/imports.js';

/** Everything that a page with the studio can load: not the licences. */
const LOADED = /\.(js|css|html|svg)$/;
const MOST = 60_000;

it('the whole studio is at most 60 kB, compressed', () => {
  const folder = join(root, 'dist/studio');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    LOADED.test(name),
  );
  const sizes = files.map((name) => [name, gzipSync(readFileSync(join(folder, name))).length] as const);
  const whole = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log([...sizes, ['whole', whole]].map(([name, size]) => `${name} ${size}`).join('\n'));
  expect(files).toContain('studio.js');
  expect(whole).toBeLessThanOrEqual(MOST);
});
