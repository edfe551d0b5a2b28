import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { root } from '../kit/imports.js';

const MOST_KB = 60;

/** The layout engine of the charts, as long as there is one. */
const isLayoutEngine = (code: string) => code.includes('org.eclipse.elk');

it(`the whole studio has at most ${MOST_KB} KB, compressed: page, panel, module and styles`, () => {
  const folder = join(root, 'dist/studio');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(js|css|html|svg)$/.test(name),
  );
  const sizes = names.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return isLayoutEngine(text) ? [] : [[name, gzipSync(text, { level: 9 }).length] as const];
  });
  const whole = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(
    `${(whole / 1_000).toFixed(1)} KB: ${sizes.map(([name, bytes]) => `${name} ${bytes}`).join(', ')}`,
  );
  expect(sizes.length).toBeGreaterThan(4);
  expect(whole).toBeLessThan(MOST_KB * 1_000);
});
