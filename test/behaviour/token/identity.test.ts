import { describe, expect, it } from 'vitest';
import { checkClientId, checkIdentity, identityFits, identityOf } from '../../../src/token/identity.js';

describe("a client's own clientId", () => {
  it.each(['ada', ' ', '日本', 'a:b@c', '0'])('a clientId may be %j', (clientId) => {
    expect(checkClientId(clientId)).toBe(clientId);
  });

  it.each([
    ['empty', ''],
    ['a wildcard', '*'],
    ['text with an asterisk in it', 'a*b'],
    ['a number', 5],
    ['null', null],
    ['an object', {}],
  ])('a clientId cannot be %s', (_what, clientId) => {
    expect(() => checkClientId(clientId)).toThrow(expect.objectContaining({ code: 40012, statusCode: 400 }));
  });
});

describe('the identity of a token', () => {
  it.each([
    ['nobody', undefined, 'ada', true],
    ['ada', 'ada', 'ada', true],
    ['ada', 'ada', '*', true],
    ['ada', 'ada', null, true],
    ['ada', 'ada', undefined, true],
    ['ada', 'ada', 'bob', false],
    ['ada', 'ada', 'Ada', false],
    ['ada', 'ada', '', false],
  ])('a client made with %s (%j) and a token for %j fit: %j', (_who, own, inToken, fits) => {
    expect(identityFits(own, inToken)).toBe(fits);
  });

  it('a token for another client is refused, and the error names both', () => {
    expect(() => checkIdentity('ada', 'bob')).toThrow(
      expect.objectContaining({
        code: 40102,
        statusCode: 401,
        message: expect.stringMatching(/"bob".*"ada"/),
      }),
    );
    expect(() => checkIdentity('ada', '*')).not.toThrow();
  });

  it('the identity comes from the token if the client has none', () => {
    expect(identityOf('ada', '*')).toBe('ada');
    expect(identityOf(undefined, 'bob')).toBe('bob');
    expect(identityOf(undefined, '*')).toBe('*');
    expect(identityOf(undefined, null)).toBeNull();
    expect(identityOf(undefined, undefined)).toBeNull();
  });
});
