import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';
import { invariants, mutants } from '../mutants/mutants.js';

describe('the mutants', () => {
  it('break each invariant at least once', () => {
    const broken = new Set(mutants.map(({ invariant }) => invariant));
    expect([...broken].sort((a, b) => a - b)).toEqual(Object.keys(invariants).map(Number));
  });

  it.each(mutants)('find what they change, once: $what', ({ file, search, replace, tests }) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(text.split(search)).toHaveLength(2);
    expect(replace).not.toBe(search);
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
