import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';
import { namesIn, pairOf, quickStart, rowsOf } from '../kit/migration-page.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

const sdk = ts.createSourceFile('ably.d.ts', read('node_modules/ably/ably.d.ts'), ts.ScriptTarget.Latest);

/** The members of an interface of the SDK. */
const membersOf = (name: string): readonly string[] =>
  sdk.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name)
    .flatMap((statement) => (statement as ts.InterfaceDeclaration).members)
    .flatMap(({ name: member }) => (member !== undefined && ts.isIdentifier(member) ? [member.text] : []));

/** The words of a union of strings. */
const wordsIn = (text: string): readonly string[] =>
  [...text.matchAll(/'([^']+)'/g)].map(([, word = '']) => word);

const firstCells = (heading: string) => rowsOf(heading).flatMap(([cell]) => namesIn(cell));

describe('the page about migrating', () => {
  it("the page has a row for each option of Ably's SDK, once", () => {
    const options = [...membersOf('ClientOptions'), ...membersOf('AuthOptions')];
    expect(options.length).toBeGreaterThan(40);
    expect([...firstCells('Options')].sort()).toEqual(options.sort());
  });

  it("the page has a row for each event of the SDK's connection, once", () => {
    const declared = /declare namespace ConnectionEvents \{([\s\S]*?)\n\}/.exec(sdk.text)?.[1] ?? '';
    expect([...firstCells('Events')].sort()).toEqual([...wordsIn(declared)].sort());
  });

  it("the page has a row for each property and method of the SDK's Auth and client that concerns tokens", () => {
    const calls = firstCells('Calls').map((name) => name.replace(/^client\.(auth\.)?|\(.*/g, ''));
    expect(membersOf('Auth').filter((name) => !calls.includes(name))).toEqual([]);
  });

  it('the page shows five set-ups, before and after', () => {
    const headings = ['A browser with authUrl', 'authCallback', 'A server with a key', 'React', 'Next.js'];
    const shown = headings.map((heading) => pairOf(heading).map(({ when }) => when));
    expect(shown).toEqual([
      ...headings.slice(1).map(() => ['Before', 'After']),
      ['Before', 'After', 'Before', 'After'],
    ]);
    expect(quickStart().changed.length).toBeLessThanOrEqual(6);
  });

  it('the page lists the types that do not fit as the type test does', () => {
    const [, refused = ''] =
      /interface Refused \{\n([\s\S]*?)\n\}/.exec(read('test/types/ably.test-d.ts')) ?? [];
    const listed = [...refused.matchAll(/^ {2}'([^']+ → [^']+)':([^;]*);/gm)]
      .map(([, types = '', members = '']) => [types, [...wordsIn(members)].sort()] as const)
      .filter(([, members]) => members.length > 0);
    expect(listed.length).toBeGreaterThan(5);
    const shown = rowsOf('Types').flatMap(([types = '', members]) =>
      types.includes(' → ') ? [[types, [...namesIn(members)].sort()] as const] : [],
    );
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(listed));
  });
});
