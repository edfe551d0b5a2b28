import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { allows, intersect } from '../../../src/sandbox/capability-patterns.js';
import { lackingIn, mergeCapabilities, parseCapability } from '../../../src/token/capability-cover.js';

describe('the permissions that a capability lacks', () => {
  const lacks = (granted: object, needed: object) =>
    lackingIn(granted as never, needed as never).map(({ resource, operation }) => `${operation} ${resource}`);

  it.each([
    ['the same', 'chat', 'chat', true],
    ['another', 'chat', 'news', false],
    ['everything', '*', 'chat:lobby:1', true],
    ['everything covers every pattern', '*', 'chat:*', true],
    ['a last * is one segment', 'chat:*', 'chat:lobby', true],
    ['a last * is many segments', 'chat:*', 'chat:lobby:1', true],
    ['a last * is not none', 'chat:*', 'chat', false],
    ['a * between is one segment', 'chat:*:1', 'chat:lobby:1', true],
    ['a * between is not two', 'chat:*:1', 'chat:lobby:2:1', false],
    ['a * between covers a * between', 'chat:*:1', 'chat:*:1', true],
    ['a name does not cover a *', 'chat:lobby', 'chat:*', false],
    ['a * between does not cover a last *', 'chat:*:1', 'chat:*', false],
    ['a longer pattern does not cover a shorter', 'chat:*:*', 'chat:lobby', false],
    ['a part of a segment is no wildcard', 'cha*', 'chat', false],
    ['* covers no other kind', '*', '[meta]log', false],
    ['[*]* covers every kind', '[*]*', '[meta]log', true],
    ['[*]* covers plain channels', '[*]*', 'chat:lobby', true],
    ['a kind covers itself', '[queue]*', '[queue]jobs', true],
    ['a kind does not cover another', '[queue]*', '[meta]jobs', false],
    ['an empty kind is none', '[]*', '[meta]log', false],
    ['an empty kind is not that of plain channels', '[]*', 'chat', false],
    ['a kind behind a kind', '[*]*', '[meta][queue]jobs', true],
  ])('patterns are compared by Ably’s rules: %s', (_title, pattern, resource, isCovered) => {
    expect(lacks({ [pattern]: ['publish'] }, { [resource]: ['publish'] })).toEqual(
      isCovered ? [] : [`publish ${resource}`],
    );
  });

  it('each missing operation on each channel is listed', () => {
    expect(
      lacks({ 'chat:*': ['subscribe'] }, { 'chat:lobby': ['publish', 'subscribe'], news: ['history'] }),
    ).toEqual(['publish chat:lobby', 'history news']);
  });

  it('* matches every operation, and no operation matches *', () => {
    expect(lacks({ chat: ['*'] }, { chat: ['publish'] })).toEqual([]);
    expect(lacks({ chat: ['publish', 'subscribe'] }, { chat: ['*'] })).toEqual(['* chat']);
  });

  it('operations of all matching patterns count', () => {
    expect(
      lacks({ 'chat:*': ['publish'], '*': ['subscribe'] }, { 'chat:a': ['publish', 'subscribe'] }),
    ).toEqual([]);
  });

  it('each name is split once, however many names the other side has', () => {
    const rights = (count: number, name: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}:*`, ['a', 'b', 'c']]));
    const apart = vi.spyOn(String.prototype, 'split');
    const lacking = lackingIn(rights(500, 'x'), rights(50, 'y'));
    const times = apart.mock.calls.length;
    apart.mockRestore();
    expect([lacking.length, times]).toEqual([150, 550]);
  });

  it('the result agrees with the service, on every channel', () => {
    const segment = fc.constantFrom('a', 'b', '*');
    const pattern = fc.tuple(
      fc.constantFrom('', '', '[meta]', '[*]', '[]', '[][meta]', '[*][meta]', '[meta][*]'),
      fc.array(segment, { minLength: 1, maxLength: 3 }),
    );
    const text = pattern.map(([kind, segments]) => `${kind}${segments.join(':')}`);
    fc.assert(
      fc.property(text, text, (granted, needed) => {
        const isCovered = lacks({ [granted]: ['publish'] }, { [needed]: ['publish'] }).length === 0;
        const service = (resource: string) => new Map([[resource, new Set(['publish'])]]);
        const both = intersect(service(granted), service(needed));
        expect(isCovered).toBe(both.has(needed));
        if (isCovered && !needed.includes('*')) {
          expect(allows(service(granted), needed, 'publish')).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('merged capabilities', () => {
  it('a merged capability keeps its rights and gains the missing ones', () => {
    const base = { 'chat:*': ['subscribe'], news: ['history'] };
    expect(mergeCapabilities(base, { 'chat:lobby': ['publish', 'subscribe'], news: ['history'] })).toEqual({
      'chat:*': ['subscribe'],
      'chat:lobby': ['publish'],
      news: ['history'],
    });
    expect(base).toEqual({ 'chat:*': ['subscribe'], news: ['history'] });
  });

  it('* is the only operation in its list', () => {
    expect(mergeCapabilities({ chat: ['publish'] }, { chat: ['*'] })).toEqual({ chat: ['*'] });
    expect(mergeCapabilities({}, { chat: ['publish', '*'] })).toEqual({ chat: ['*'] });
  });

  it('a name of Object.prototype is an ordinary channel', () => {
    const merged = mergeCapabilities({}, parseCapability('{"__proto__":["publish"]}'));
    expect(Object.keys(merged)).toEqual(['__proto__']);
  });
});
