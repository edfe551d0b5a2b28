import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mapPath, members, sentences, withMap } from '../../docs/reference-map.js';
import { Auth } from '../../src/index.js';
import { root } from '../kit/imports.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The number of sentences of each member in the reference; a sentence with two statements counts as two. */
const lengths: Readonly<Record<string, number>> = {
  'the class': 1,
  clientId: 6,
  'authorize(tokenParams, authOptions, callback)': 5,
  'authorize(tokenParams, callback)': 5,
  'authorize(callback)': 5,
  'createTokenRequest(tokenParams, authOptions, callback)': 9,
  'createTokenRequest(tokenParams, callback)': 8,
  'createTokenRequest(callback)': 9,
  'requestToken(tokenParams, authOptions, callback)': 6,
  'requestToken(tokenParams, callback)': 5,
  'requestToken(callback)': 6,
};

describe('docs/reference-map.md', () => {
  it('the page is the output of `npm run reference`', () => {
    const page = readFileSync(mapPath, 'utf8');
    expect(withMap(page)).toBe(page);
    for (const [id, { says }] of Object.entries(sentences)) expect(page).toContain(`| ${id} | ${says} |`);
  });

  it('the page has every member, and every sentence of each', () => {
    expect(Object.fromEntries(Object.entries(members).map(([name, ids]) => [name, ids.length]))).toEqual(
      lengths,
    );
    expect(new Set(Object.values(members).flat())).toEqual(new Set(Object.keys(sentences)));
    for (const name of Object.keys(members)) {
      const [method = ''] = name.split('(');
      if (name !== 'the class') expect(method in Auth.prototype).toBe(true);
    }
  });

  it.each(Object.entries(sentences))('%s names an existing test, and clauses', (_id, { test, clauses }) => {
    const [file = '', ...title] = test.split(': ');
    const path = join('test', file);
    expect(existsSync(join(root, path))).toBe(true);
    expect(read(path)).toContain(`'${title.join(': ')}'`);
    for (const clause of clauses) expect(clause).toMatch(/^(R(SA|SC|TC)|TO)\d+[a-z]?\d*$/);
  });

  it.each([
    ['clientId', 'https://ably.com/docs/auth/identified-clients'],
    ['createTokenRequest', 'https://ably.com/docs/auth/token'],
    ['requestToken', 'https://ably.com/docs/auth/token'],
  ])('the source has the links of the reference: %s', (member, address) => {
    const source = read('src/auth.ts');
    const at = source.search(new RegExp(`^  (get )?${member}\\(`, 'm'));
    const comment = source.slice(source.lastIndexOf('/**', at), at);
    expect(comment).toContain(address);
  });
});
