import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './imports.js';

const page = readFileSync(join(root, 'docs/migrating-from-ably-js.md'), 'utf8');

/** The text under a heading, up to the next heading. */
function section(heading: string): string {
  const [, text] = page.split(new RegExp(`^#+ ${heading}\n`, 'm'));
  if (text === undefined) throw new Error(`the page has no heading ${heading}`);
  return text.split(/^#+ /m)[0] ?? '';
}

/** The rows of the tables under a heading, without their heads, cell by cell. */
export const rowsOf = (heading: string): readonly (readonly string[])[] =>
  [...section(heading).matchAll(/^\|(?!---)(.*)\|$/gm)]
    .map(([, row = '']) => row.split(' | ').map((cell) => cell.trim()))
    .filter((_, index, all) => index > 0 && all.length > 0);

/** The names in backquotes of a text. */
export const namesIn = (text = ''): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

export interface Shown {
  readonly when: 'Before' | 'After';
  readonly language: string;
  readonly code: string;
}

/** The code before and after under a heading. */
export const pairOf = (heading: string): readonly Shown[] =>
  [...section(heading).matchAll(/^(Before|After)[^\n]*:\n\n```(tsx?)\n([\s\S]*?)```/gm)].map(
    ([, when, language = '', code = '']) => ({ when: when as Shown['when'], language, code }),
  );

/** The quick start, the lines that change, and what it becomes. */
export function quickStart(): { before: string; changed: readonly string[]; after: string } {
  const [, before = '', diff = ''] =
    /```ts\n([\s\S]*?)```[\s\S]*?```diff\n([\s\S]*?)```/.exec(section('Six lines')) ?? [];
  const lines = diff.trimEnd().split('\n');
  const side = (without: string) =>
    lines
      .filter((line) => !line.startsWith(without))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  if (!before.startsWith(side('+'))) throw new Error('the diff does not fit the quick start');
  return {
    before,
    changed: lines.filter((line) => /^[+-]/.test(line)),
    after: side('-') + before.slice(side('+').length),
  };
}
