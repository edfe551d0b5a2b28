import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('SECURITY.md', () => {
  const rows = [...read('SECURITY.md').matchAll(/^\| .*? \| `(test\/[^`]+)`(?:: (.+?))? \|$/gm)];

  it.each(rows.map(([, path = '', title = '']) => [path, title] as const))(
    'the test of a promise exists: %s, %s',
    (path, title) => {
      expect(read(path)).toContain(title);
    },
  );

  it('every promise names a test', () => {
    const promises = read('SECURITY.md')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));
    expect(rows).toHaveLength(promises.length);
    expect(rows.length).toBeGreaterThan(20);
  });
});
