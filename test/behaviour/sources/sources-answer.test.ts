import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/sources/answer.js';

const REQUEST = {
  keyName: 'app.key',
  timestamp: 1_700_000_000_000,
  nonce: 'a-nonce-of-16-chars',
  mac: 'bWFj',
};
const opened = (given: unknown) => {
  const answer = readAnswer(given);
  return answer.kind === 'token' ? answer.token.expose() : answer.request.expose();
};

describe('the answer of a source', () => {
  it.each<[string, unknown, object]>([
    ['an Ably token', 'app.token', { token: 'app.token' }],
    ['a JWT', 'eyJh.eyJl.c2ln', { token: 'eyJh.eyJl.c2ln' }],
    ['a text that is opaque', 'any text: "a" [b]', { token: 'any text: "a" [b]' }],
    ['128 KiB of text', 'x'.repeat(131_072), { token: 'x'.repeat(131_072) }],
    ['a TokenDetails', { token: 't', issued: 1, expires: 2 }, { token: 't', issued: 1, expires: 2 }],
    ['times as text', { token: 't', issued: '1', expires: '2' }, { token: 't', issued: 1, expires: 2 }],
    [
      'a capability as an object',
      { token: 't', capability: { b: ['*'], a: [] } },
      { token: 't', capability: '{"a":[],"b":["*"]}' },
    ],
    [
      'a capability as text',
      { token: 't', capability: '{ "b": ["*"] }' },
      { token: 't', capability: '{ "b": ["*"] }' },
    ],
    ['null for clientId', { token: 't', clientId: null }, { token: 't', clientId: null }],
    ['an empty clientId, which is none', { token: 't', clientId: '' }, { token: 't' }],
    ['fields nobody knows (RSF1)', { token: 't', more: 1, mac: 'x' }, { token: 't' }],
    ['a TokenRequest', REQUEST, REQUEST],
    [
      'a TokenRequest as a query string makes it',
      { ...REQUEST, timestamp: '5', ttl: '3600000', clientId: '', capability: '' },
      { ...REQUEST, timestamp: 5, ttl: 3_600_000 },
    ],
    [
      'nulls in a TokenRequest',
      { ...REQUEST, ttl: null, clientId: null, capability: null, more: 1 },
      REQUEST,
    ],
    [
      'a capability as it was signed',
      { ...REQUEST, capability: '{"b":["*"],"a":["*"]}' },
      { ...REQUEST, capability: '{"b":["*"],"a":["*"]}' },
    ],
    [
      'a key name like an address part',
      { ...REQUEST, keyName: 'a..b-c_d' },
      { ...REQUEST, keyName: 'a..b-c_d' },
    ],
  ])('a source may answer with %s', (_what, given, content) => {
    expect(opened(given)).toEqual(content);
    expect(Object.isFrozen(opened(given))).toBe(true);
  });

  it('an answer has the clientId of the token if it contains one', () => {
    expect(readAnswer({ token: 't', clientId: 'ada' }).clientId).toBe('ada');
    expect(readAnswer({ token: 't', clientId: null }).clientId).toBeNull();
    expect(readAnswer({ ...REQUEST, clientId: 'ada' }).clientId).toBe('ada');
    for (const silent of ['t', { token: 't' }, { token: 't', clientId: '' }, REQUEST])
      expect(readAnswer(silent)).not.toHaveProperty('clientId');
  });

  it('an answer may be an object of a class', () => {
    class Details {
      get token() {
        return 'from a getter';
      }
    }
    expect(opened(new Details())).toEqual({ token: 'from a getter' });
  });

  it('an answer is copied', () => {
    const given = { token: 't', expires: 2 };
    const answer = readAnswer(given);
    given.expires = 3;
    expect(answer.kind === 'token' && answer.token.expose().expires).toBe(2);
    expect(Object.isFrozen(given)).toBe(false);
  });

  it('an answer is not shown, however it is printed', () => {
    for (const given of ['s3cret', { token: 's3cret' }, { ...REQUEST, mac: 's3cret', nonce: 's3cret' }]) {
      const answer = readAnswer(given);
      expect(inspect(answer, { depth: 9, showHidden: true }) + JSON.stringify(answer)).not.toContain(
        's3cret',
      );
    }
  });

  const round: { token: string; self?: unknown } = { token: 't' };
  round.self = round;
  class Odd {
    get token(): string {
      throw new Error('odd');
    }
  }

  it.each<[string, unknown, RegExp]>([
    ['null', null, /gave null/],
    ['undefined', undefined, /gave undefined/],
    ['a number', 7, /gave a number/],
    ['a boolean', false, /gave a boolean/],
    ['a function', () => 't', /gave a function/],
    ['a symbol', Symbol('s3cret'), /gave a symbol/],
    ['a list', [{ token: 's3cret' }], /gave an array/],
    ['an empty string', '', /an empty string/],
    ['white space', ' \n\t ', /an empty string/],
    ['the text "null"', 'null', /the text "null"/],
    ['the text "undefined"', 'undefined', /the text "undefined"/],
    ['JSON as text', ' {"token":"s3cret"}', /JSON as text/],
    ['a line break', 's3cret\r\nx-injected: 1', /control characters/],
    ['a NUL', 's3cret\0', /control characters/],
    ['more than 128 KiB', 'x'.repeat(131_073), /131072 bytes/],
    ['more than 128 KiB of UTF-8', '☃'.repeat(43_691), /131072 bytes/],
    ['an object of more than 128 KiB', { token: 't', more: 'x'.repeat(131_073) }, /131072 bytes/],
    ['an object that is round', round, /cannot be sent/],
    ['a BigInt in an object', { token: 't', issued: 1n }, /cannot be sent/],
    ['an object that cannot be read', new Odd(), /cannot be read/],
    ['an empty object', {}, /neither/],
    ['an object of another kind', { jwt: 's3cret' }, /neither/],
    ['null for a token', { token: null }, /no token/],
    ['JSON in a TokenDetails', { token: '{}' }, /JSON as text/],
    ['a clientId that is none', { token: 't', clientId: 7 }, /clientId/],
    ['a time that is none', { token: 't', expires: 'soon' }, /expires/],
    ['an endless life', { token: 't', expires: 'Infinity' }, /expires/],
    ['a capability that is none', { token: 't', capability: 7 }, /capability/],
    ['a capability of something else', { token: 't', capability: { a: 1 } }, /capability/],
    ['a keyName of nothing', { ...REQUEST, keyName: '' }, /without a keyName/],
    ['no keyName', { ...REQUEST, keyName: undefined, clientId: 'x' }, /without a keyName/],
    ['a keyName that leads elsewhere', { ...REQUEST, keyName: '..' }, /keyName is malformed/],
    ['a keyName with a slash', { ...REQUEST, keyName: 'a/../b' }, /keyName is malformed/],
    ['a whole key for a keyName', { ...REQUEST, keyName: 'app.key:s3cret' }, /keyName is malformed/],
    ['half a character in a keyName', { ...REQUEST, keyName: 'a\ud800' }, /keyName is malformed/],
    ['no timestamp', { ...REQUEST, timestamp: undefined }, /without a timestamp/],
    ['true for a timestamp', { ...REQUEST, timestamp: true }, /timestamp is not a whole number/],
    ['a list for a timestamp', { ...REQUEST, timestamp: [5] }, /timestamp is not a whole number/],
    ['a fraction for a timestamp', { ...REQUEST, timestamp: 1.5 }, /timestamp is not a whole number/],
    ['white space for a ttl', { ...REQUEST, ttl: ' ' }, /ttl is not a whole number/],
    ['a ttl in hex', { ...REQUEST, ttl: '0x10' }, /ttl is not a whole number/],
    ['no nonce', { ...REQUEST, nonce: '' }, /without a nonce/],
    ['no mac', { ...REQUEST, mac: undefined }, /without a mac/],
    ['a number for a mac', { ...REQUEST, mac: 7 }, /without a mac/],
    ['another clientId', { ...REQUEST, clientId: 7 }, /clientId/],
    ['another capability', { ...REQUEST, capability: [] }, /capability/],
    [
      'an error',
      { error: { code: 40300, statusCode: 403, message: 'signed out' } },
      /gave an error: signed out/,
    ],
    ['an error of another form', { error: { message: 'signed out' } }, /gave an error: signed out/],
    [
      'an error with a secret',
      { error: { message: `not aB3${'s3cret'.repeat(4)}` } },
      /gave an error: not \[…\]/,
    ],
  ])('an answer must not be or have %s (RSA4f)', (_what, given, message) => {
    let thrown: unknown;
    try {
      readAnswer(given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      name: 'ErrorInfo',
      code: 40170,
      statusCode: 401,
      message: expect.stringMatching(message),
      remediation: expect.stringMatching(/./),
    });
    expect(inspect(thrown) + JSON.stringify(thrown)).not.toContain('s3cret');
  });
});
