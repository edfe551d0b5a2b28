import { describe, expect, it } from 'vitest';
import { checkClientId, checkIdentity, identityFits, identityOf } from '../../../src/token/identity.js';

describe("a client's own clientId", () => {
  it.each(['ada', ' ', '日本', 'a:b@c', '0'])('may be %j', (clientId) => {
    expect(checkClientId(clientId)).toBe(clientId);
  });

  it.each([
    ['empty', ''],
    ['a wildcard', '*'],
    ['text with an asterisk in it', 'a*b'],
    ['a number', 5],
    ['null', null],
    ['an object', {}],
  ])('cannot be %s', (_what, clientId) => {
    expect(() => checkClientId(clientId)).toThrow(expect.objectContaining({ code: 40012, statusCode: 400 }));
  });
});

describe('a token for somebody', () => {
  it.each([
    ['nobody', undefined, 'ada', true],
    ['ada', 'ada', 'ada', true],
    ['ada', 'ada', '*', true],
    ['ada', 'ada', null, true],
    ['ada', 'ada', undefined, true],
    ['ada', 'ada', 'bob', false],
    ['ada', 'ada', 'Ada', false],
    ['ada', 'ada', '', false],
  ])('made as %s (%j), given one for %j: fits is %j', (_who, own, inToken, fits) => {
    expect(identityFits(own, inToken)).toBe(fits);
  });

  it('who is not the client is refused, and both are named', () => {
    expect(() => checkIdentity('ada', 'bob')).toThrow(
      expect.objectContaining({
        code: 40102,
        statusCode: 401,
        message: expect.stringMatching(/"bob".*"ada"/),
      }),
    );
    expect(() => checkIdentity('ada', '*')).not.toThrow();
  });

  it('says who the client is, where it does not say so itself', () => {
    expect(identityOf('ada', '*')).toBe('ada');
    expect(identityOf(undefined, 'bob')).toBe('bob');
    expect(identityOf(undefined, '*')).toBe('*');
    expect(identityOf(undefined, null)).toBeNull();
    expect(identityOf(undefined, undefined)).toBeNull();
  });
});
