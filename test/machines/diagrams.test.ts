import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pictures, readmePath, themes, withTables } from '../../docs/charts.js';
import { theme } from '../../src/studio/ui/style/theme.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');

describe('the charts in the documentation', () => {
  const readme = readFileSync(readmePath, 'utf8');

  it('the tables show the machines as they are: `npm run diagrams` changes nothing', () => {
    expect(withTables(readme)).toBe(readme);
    expect(readme).toContain('| `requesting` | acquisition done | it was accepted | `authorized` |');
  });

  it.each([...pictures()])(
    'docs/pictures/%s is up to date: `npm run diagrams` changes nothing',
    (name, text) => {
      expect(read(`docs/pictures/${name}`)).toBe(text);
    },
  );

  it.each(['README.md', 'machines/README.md'])(
    '%s shows pictures for both themes and both widths',
    (path) => {
      const shown = [...read(path).matchAll(/pictures\/(\w+-chart-\w+-\w+\.svg)/g)].map(([, name]) => name);
      for (const part of [
        'auth-chart-wide-light',
        'auth-chart-wide-dark',
        'auth-chart-tall-light',
        'auth-chart-tall-dark',
      ])
        expect(shown).toContain(`${part}.svg`);
      for (const name of shown) expect([...pictures().keys()]).toContain(name);
      expect(read(path)).not.toContain('stateDiagram');
    },
  );

  it('the pictures have the colours of the studio', () => {
    for (const { box: _mixed, ...colours } of Object.values(themes))
      for (const [name, colour] of Object.entries(colours)) expect(theme).toContain(`--${name}: ${colour};`);
  });
});
