import { describe, expect, it } from 'vitest';
import { parseTokenParams, type TokenParams } from '../../../src/token/token-params.js';

const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code?: number }).code;
  }
  return undefined;
};

describe('TokenParams', () => {
  it('TokenParams become a frozen copy, with the capability as canonical text', () => {
    const capability = { b: ['y', 'x'], a: ['z'] };
    const given = { ttl: 1_000, capability, clientId: 'ada', timestamp: 5, nonce: 'n' };
    const before = structuredClone(given);
    const parsed = parseTokenParams(given);
    expect(parsed).toEqual({ ...before, capability: '{"a":["z"],"b":["x","y"]}' });
    expect(Object.isFrozen(parsed)).toBe(true);
    expect(given).toEqual(before);
  });

  it('TokenParams do not change with the objects they were made from', () => {
    const given = { ttl: 1_000, capability: { a: ['publish'] } };
    const parsed = parseTokenParams(given);
    given.ttl = 2_000;
    given.capability.a.push('subscribe');
    expect(parsed).toEqual({ ttl: 1_000, capability: '{"a":["publish"]}' });
  });

  it('null and undefined fields are dropped, except an explicit null as clientId', () => {
    const nothing = { ttl: null, capability: null, clientId: null, timestamp: null, nonce: null };
    expect(parseTokenParams(nothing)).toEqual({ clientId: null });
    expect(Object.keys(parseTokenParams({ ttl: undefined, clientId: undefined } as object))).toEqual([]);
    expect(Object.keys(parseTokenParams({ capability: '' }))).toEqual([]);
  });

  it('TokenParams may be for any client', () => {
    expect(parseTokenParams({ clientId: '*' })).toEqual({ clientId: '*' });
  });

  it('TokenParams keep additional fields of the application', () => {
    const tenant = { id: 7 };
    expect(parseTokenParams({ tenant, absent: undefined } as TokenParams)).toEqual({ tenant });
  });

  it('TokenParams cannot get a prototype by a field name', () => {
    const parsed = parseTokenParams(JSON.parse('{"__proto__":{"ttl":5}}'));
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(parsed.ttl).toBeUndefined();
  });

  it.each<[number, string, unknown]>([
    [40003, 'a ttl of zero', { ttl: 0 }],
    [40003, 'a negative ttl', { ttl: -1 }],
    [40003, 'a fraction of a ms', { ttl: 1.5 }],
    [40003, 'a ttl that is no number', { ttl: Number.NaN }],
    [40003, 'an endless ttl', { ttl: Number.POSITIVE_INFINITY }],
    [40003, 'a ttl as text', { ttl: '60' }],
    [40003, 'a ttl beyond whole numbers', { ttl: 2 ** 53 }],
    [40003, 'a timestamp of zero', { timestamp: 0 }],
    [40003, 'a timestamp as text', { timestamp: '5' }],
    [40003, 'an empty nonce', { nonce: '' }],
    [40003, 'a nonce of two lines', { nonce: 'a\nb' }],
    [40003, 'a nonce that is no text', { nonce: 1_234_567_890_123_456 }],
    [40003, 'a capability that is no capability', { capability: 5 }],
    [40012, 'an empty clientId', { clientId: '' }],
    [40012, 'a clientId that is no text', { clientId: 5 }],
    [40003, 'a list', []],
    [40003, 'null', null],
    [40003, 'text', 'ada'],
  ])('TokenParams are refused with %i for %s', (code, _what, given) => {
    expect(codeOf(() => parseTokenParams(given as TokenParams))).toBe(code);
  });

  it('the error does not repeat the nonce', () => {
    expect(() => parseTokenParams({ nonce: 'not to be\ntold' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('told') }),
    );
  });
});
