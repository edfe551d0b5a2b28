import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, root } from '../kit/imports.js';
import { functionAt, HOOK, instrumented } from '../kit/instrument.js';
import { SETUP } from '../mutants/covering.js';
import { invariants, mutants } from '../mutants/mutants.js';
import { changed, described, isWhole, mutantsOf } from '../mutants/random-mutants.js';

describe('the mutants', () => {
  it('the mutants break each invariant at least once', () => {
    const broken = new Set(mutants.map(({ invariant }) => invariant));
    expect([...broken].sort((a, b) => a - b)).toEqual(Object.keys(invariants).map(Number));
  });

  it.each(mutants)(
    'the text that a mutant changes exists once: $what',
    ({ file, search, replace, tests }) => {
      const text = readFileSync(join(root, file), 'utf8');
      expect(text.split(search)).toHaveLength(2);
      expect(replace).not.toBe(search);
      expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );
});

describe('the random mutants', () => {
  it('the setup file that they replace is a setup file of each project with fast tests', () => {
    const setups = readFileSync(join(root, 'vite.config.ts'), 'utf8').match(/setupFiles: \[.*\]/g);
    expect(setups).toHaveLength(2);
    for (const one of setups ?? []) expect(one).toContain(SETUP);
  });

  const chart = `
    type One = 1;
    export const chart = {
      on: { 'a.b': { guard: 'it is time', actions: ['count', 'stop'] } },
      isOpen: true,
    };
    export function wait(ms: number): number {
      if (ms < 0) throw new Error('ms must not be below 0');
      note(ms);
      return 'a' + ms === 'a1' ? ms * 2 : ms;
    }`;
  const found = mutantsOf(parse('machines/made-up.ts', chart));

  it('the mutants change conditions, booleans, operators, constants, statements and charts, and no types', () => {
    expect(found.map((mutant) => `${mutant.line} ${described(mutant)}`)).toEqual([
      "4 removes 'a.b': { guard: 'it is time', actions: ['count', 'stop'] }",
      "4 removes guard: 'it is time',",
      "4 removes actions: ['count', 'stop']",
      "4 removes 'count',",
      "4 removes 'stop'",
      '5 true → false',
      '8 ms < 0 → !(ms < 0)',
      '8 < → <=',
      '8 0 → 1',
      "8 removes throw new Error('ms must not be below 0');",
      '9 removes note(ms);',
      "10 'a' + ms === 'a1' → !('a' + ms === 'a1')",
      '10 === → !==',
      '10 * → /',
      '10 2 → (2 * 2)',
    ]);
  });

  it('each mutant leaves a program that parses', () => {
    expect(found.filter((mutant) => !isWhole(mutant, chart))).toEqual([]);
    expect(new Set(found.map((mutant) => changed(mutant, chart))).size).toBe(found.length);
  });

  it('each mutant names its function', () => {
    const text =
      'const outer = (a) => (b) => ({ sum: a + b });\nclass One { get two() { return outer(1)(1).sum; } }';
    const entered: [string, number][] = [];
    Reflect.set(globalThis, HOOK, (path: string, position: number) => entered.push([path, position]));
    const { two } = new Function(`${instrumented('one.ts', text)}; return new One();`)() as { two: number };
    Reflect.deleteProperty(globalThis, HOOK);
    const places = ['get two', '(a)', '(b)'].map((start) => ['one.ts', text.indexOf(start)]);
    expect([two, entered]).toEqual([2, [['one.ts', -1], ...places]]);
    expect(functionAt('one.ts', text, text.indexOf('a + b'))).toBe(text.indexOf('(b)'));
    expect(functionAt('one.ts', text, 0)).toBe(-1);
  });
});
