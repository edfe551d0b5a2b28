import { describe, expect, it } from 'vitest';
import { paintFor, plain } from '../../../src/cli/colour.js';
import { lineFor, reachLines } from '../../../src/cli/print.js';

const terminal = { isTTY: true };
const pipe = {};

describe('paintFor', () => {
  it.each([
    ['a terminal', terminal, {}, true],
    ['a pipe', pipe, {}, false],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['a pipe with an empty FORCE_COLOR', pipe, { FORCE_COLOR: '' }, true],
    ['a terminal with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
    ['a terminal with FORCE_COLOR=false', terminal, { FORCE_COLOR: 'false' }, false],
    ['a pipe with FORCE_COLOR and NO_COLOR', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('%s has colours: %j, %j → %j', (_title, output, env, isColoured) => {
    expect(paintFor(output, env)('bad', 'text')).toBe(isColoured ? '\u001b[31mtext\u001b[39m' : 'text');
  });

  it('an empty text has no colour codes', () => {
    expect(paintFor(terminal, {})('good', '')).toBe('');
  });
});

describe('lineFor', () => {
  const entry = { title: 'Failed', detail: 'why \u001b[2J', tone: 'bad' } as const;

  it('the title has the colour of its tone, and control characters from outside stay escaped', () => {
    const line = lineFor(0, entry, paintFor(terminal, {}));
    expect(line).toContain('\u001b[31mFailed\u001b[39m: why \\u001b[2J');
    expect(lineFor(0, entry)).toMatch(/^\d\d:\d\d:\d\d {2}Failed: why \\u001b\[2J$/);
  });

  it('the lines below an entry say where, why and what to do', () => {
    expect(reachLines({ observed: 'it is away', remedy: 'Start it.' }, plain)).toEqual([
      '          it is away',
      '          → Start it.',
    ]);
    expect(reachLines(undefined)).toEqual([]);
  });
});
