import { describe, expect, it } from 'vitest';
import { type Capability, canonicalCapability } from '../../../src/token/capability.js';

describe('the canonical text of a capability', () => {
  it('the text has channels and operations in order, and no white space', () => {
    const given = { 'b:*': ['subscribe', 'publish'], a: ['*'] };
    expect(canonicalCapability(given)).toBe('{"a":["*"],"b:*":["publish","subscribe"]}');
  });

  it('the text is the same from a string and from an object', () => {
    const text = ' { "b" : [ "y", "x" ],\n "a" : [ ] } ';
    expect(canonicalCapability(text)).toBe(canonicalCapability({ b: ['y', 'x'], a: [] }));
  });

  it('the canonical text of a canonical text is the same', () => {
    const once = canonicalCapability({ 'ü"\\': ['x', 'a b'], 10: ['p'], 9: ['p'], '09': ['p'] });
    expect(canonicalCapability(once)).toBe(once);
    expect(JSON.parse(once)).toEqual({ 'ü"\\': ['a b', 'x'], 10: ['p'], 9: ['p'], '09': ['p'] });
  });

  it('the text is JSON, whatever characters the names and operations have', () => {
    const given = { 'a"\\\n': ['q"', 'back\\slash', 'line\nend', '\ud800', 'ü'] };
    const text = canonicalCapability(given);
    expect(JSON.parse(text)).toEqual({ 'a"\\\n': [...given['a"\\\n']].sort() });
    expect(text).not.toMatch(/\n|\ud800/);
  });

  it('names like array indexes come first, by number, as in JavaScript’s JSON', () => {
    const names = ['a', '10', '9', '01', '-1', '4294967294', '4294967295', '0'];
    const text = canonicalCapability(Object.fromEntries(names.map((name) => [name, ['p']])));
    expect([...text.matchAll(/"([^"]+)":/g)].map(([, name]) => name)).toEqual([
      ...['0', '9', '10', '4294967294'],
      ...['-1', '01', '4294967295', 'a'],
    ]);
  });

  it('names are sorted by UTF-16 units, as in JavaScript', () => {
    expect(canonicalCapability({ '\uffff': ['p'], 𝒳: ['p'] })).toBe('{"𝒳":["p"],"\uffff":["p"]}');
  });

  it('a channel with the name of an object’s property is kept', () => {
    const text = '{"__proto__":["publish"],"constructor":["publish"]}';
    expect(canonicalCapability(text)).toBe(text);
  });

  it('the argument is not changed', () => {
    const given = Object.freeze({ b: Object.freeze(['y', 'x']), a: Object.freeze(['z']) });
    canonicalCapability(given);
    expect(Object.entries(given)).toEqual([
      ['b', ['y', 'x']],
      ['a', ['z']],
    ]);
  });

  it.each<[string, unknown]>([
    ['text that is not JSON', '{"a":'],
    ['empty text', ''],
    ['a number', 5],
    ['null', null],
    ['null as text', 'null'],
    ['an empty list', []],
    ['a list of lists', [['publish']]],
    ['a list as text', '[["publish"]]'],
    ['one operation instead of a list', { a: '*' }],
    ['operations that are no text', { a: ['publish', 1] }],
    ['a list with a hole', { a: new Array(1) }],
    ['lists in lists', '{"a":[["publish"]]}'],
    ['nothing under a name', { a: undefined }],
  ])('no canonical text can be made of %s', (_what, given) => {
    expect(() => canonicalCapability(given as Capability)).toThrow(
      expect.objectContaining({ name: 'ErrorInfo', code: 40003, statusCode: 400 }),
    );
  });
});
