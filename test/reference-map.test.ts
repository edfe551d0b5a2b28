import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './imports.js';

const page = readFileSync(join(root, 'docs/reference-map.md'), 'utf8');

const rows = [...page.matchAll(/^\| ([A-Z].*) \| ([A-Z].*) \| `(test\/\S+)` \| (.*) \|$/gm)].map(
  ([, sentence = '', clauses = '', file = '', title = '']) => ({ sentence, clauses, file, title }),
);

describe('docs/reference-map.md', () => {
  it('has a row for each sentence of the reference', () => {
    const lines = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| the reference says'));
    expect(rows).toHaveLength(lines.length);
    expect(rows).toHaveLength(25);
  });

  it.each(rows)('$sentence', ({ file, title, clauses }) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(readFileSync(join(root, file), 'utf8')).toContain(title);
    expect(clauses).toMatch(/^R(SA|TC|TN)\d+[a-z]?\d?(, R(SA|TC|TN)\d+[a-z]?\d?)*$/);
  });
});
