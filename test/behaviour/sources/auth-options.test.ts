import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type AuthOptions,
  authOptionNames,
  isRenewable,
  parseAuthOptions,
  withoutLiteral,
} from '../../../src/sources/auth-options.js';

const URL_TEXT = 'https://example.com/token';
const parse = (options: unknown) => parseAuthOptions(options as AuthOptions);

describe('authOptions', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('authOptions are parsed, completed with defaults, and frozen', () => {
    const parsed = parse({
      key: 'app.key:secret',
      token: 'a-token',
      authUrl: new URL(URL_TEXT),
      authMethod: 'post',
      authHeaders: { 'x-count': 1, 'x-on': true },
      authParams: { a: 'b' },
      queryTime: true,
      useTokenAuth: false,
    });
    expect(parsed.key?.expose()).toEqual({ name: 'app.key', secret: 'secret' });
    expect(parsed.tokenDetails?.expose()).toEqual({ token: 'a-token' });
    expect(parsed.authUrl?.expose()).toBe(URL_TEXT);
    expect(parsed.authMethod).toBe('POST');
    expect(parsed.authHeaders.expose()).toEqual({ 'x-count': '1', 'x-on': 'true' });
    expect(parsed.authParams.expose()).toEqual({ a: 'b' });
    expect([parsed.queryTime, parsed.useTokenAuth]).toEqual([true, false]);
    for (const one of [
      parsed,
      parsed.authHeaders.expose(),
      parsed.authParams.expose(),
      parsed.tokenDetails?.expose(),
    ]) {
      expect(Object.isFrozen(one)).toBe(true);
    }
  });

  it('each of the authOptions may be absent or null', () => {
    const nothing = parse({});
    expect(nothing).toMatchObject({ authMethod: 'GET', queryTime: false });
    expect(Object.keys(nothing)).toEqual(['authMethod', 'authHeaders', 'authParams', 'queryTime']);
    const nulls = Object.fromEntries(authOptionNames.map((name) => [name, null]));
    expect(Object.keys(parse(nulls))).toEqual(Object.keys(nothing));
  });

  it('authOptions are copied: later changes of the caller have no effect', () => {
    const given = { token: { token: 'a-token', expires: 5 }, authParams: { a: '1' }, authUrl: URL_TEXT };
    const parsed = parse(given);
    given.token.expires = 6;
    given.authParams.a = '2';
    expect(parsed.tokenDetails?.expose().expires).toBe(5);
    expect(parsed.authParams.expose()).toEqual({ a: '1' });
  });

  it('authOptions keep a parameter with the name __proto__', () => {
    const { authParams } = parse({ authParams: JSON.parse('{"__proto__":"x","a":"b"}') });
    expect(Object.entries(authParams.expose())).toEqual([
      ['__proto__', 'x'],
      ['a', 'b'],
    ]);
  });

  it('tokenDetails wins over token', () => {
    expect(parse({ token: 'one', tokenDetails: { token: 'two' } }).tokenDetails?.expose().token).toBe('two');
  });

  it('authOptions show no secret, however they are printed', () => {
    const parsed = parse({
      key: 'app.key:s3cret-key',
      token: 's3cret-token',
      authUrl: `${URL_TEXT}?s3cret-query`,
      authHeaders: { authorization: 's3cret-header' },
      authParams: { password: 's3cret-param' },
    });
    const shown =
      inspect(parsed, { depth: 9, showHidden: true }) +
      JSON.stringify(parsed) +
      JSON.stringify({ ...parsed });
    expect(shown).toContain('[authHeaders]');
    expect(shown).not.toContain('s3cret');
  });

  it.each<[string, unknown, number, RegExp]>([
    ['null for options', null, 40003, /authOptions is null, not an object/],
    ['a list for options', [], 40003, /authOptions is an array/],
    ['a text for options', 'app.key:secret', 40003, /authOptions is a string/],
    ['a malformed key', { key: 'nothing' }, 40005, /malformed/],
    ['an empty token', { token: '' }, 40003, /token is an empty string/],
    ['white space for a token', { token: ' \t' }, 40003, /token is an empty string/],
    ['a token with a line end', { token: 'a-token\n' }, 40003, /token is a token with control characters/],
    ['the text "undefined" for a token', { token: 'undefined' }, 40003, /token is the text "undefined"/],
    ['JSON for a token', { token: '{"token":"t"}' }, 40003, /token is JSON as text/],
    ['a token of 128 KiB and more', { token: 'x'.repeat(131_073) }, 40003, /token is more than 131072 bytes/],
    ['a number for a token', { token: 7 }, 40003, /token: the TokenDetails is not an object/],
    ['tokenDetails without a token', { tokenDetails: { expires: 1 } }, 40003, /tokenDetails: .*no token/],
    [
      'tokenDetails with a bad token',
      { tokenDetails: { token: 'a\0b' } },
      40003,
      /tokenDetails is a token with/,
    ],
    [
      'tokenDetails with a bad time',
      { tokenDetails: { token: 't', expires: 'x' } },
      40003,
      /tokenDetails: .*expires/,
    ],
    [
      'a bad capability',
      { tokenDetails: { token: 't', capability: 7 } },
      40003,
      /tokenDetails: .*capability/,
    ],
    ['a callback that is none', { authCallback: {} }, 40003, /authCallback is an object, not a function/],
    ['an empty address', { authUrl: '' }, 40003, /authUrl is empty/],
    [
      'an address that is relative to a page, where there is none',
      { authUrl: '/token' },
      40003,
      /relative address, and there is no page here/,
    ],
    ['an address of another kind', { authUrl: 'file:///token' }, 40003, /authUrl/],
    ['a number for an address', { authUrl: 7 }, 40003, /authUrl is \d+/],
    ['an object for an address', { authUrl: { href: URL_TEXT } }, 40003, /authUrl is an object/],
    [
      'an address with a password',
      { authUrl: 'https://ada:pw@example.com/' },
      40003,
      /a user name or a password/,
    ],
    ['another method', { authMethod: 'PUT' }, 40003, /authMethod is a string, not 'GET' or 'POST'/],
    [
      'headers in a Headers',
      { authHeaders: new Headers({ a: 'b' }) },
      40003,
      /authHeaders is of the class Headers/,
    ],
    ['headers in a list', { authHeaders: [['a', 'b']] }, 40003, /authHeaders is an array/],
    ['headers in a text', { authHeaders: 'a: b' }, 40003, /authHeaders is a string/],
    ['a header that is absent', { authHeaders: { a: undefined } }, 40003, /authHeaders\.a is undefined/],
    ['a header with a space in its name', { authHeaders: { 'a b': 'c' } }, 40003, /authHeaders has "a b"/],
    ['a header of two lines', { authHeaders: { a: 'b\r\nx-injected: 1' } }, 40003, /authHeaders has "a"/],
    ['a header beyond Latin-1', { authHeaders: { a: '☃' } }, 40003, /authHeaders has "a"/],
    [
      'params in a URLSearchParams',
      { authParams: new URLSearchParams('a=b') },
      40003,
      /of the class URLSearchParams/,
    ],
    ['params in a Map', { authParams: new Map([['a', 'b']]) }, 40003, /authParams is of the class Map/],
    ['a list for a param', { authParams: { a: ['b'] } }, 40003, /authParams\.a is an array/],
    ['null for a param', { authParams: { a: null } }, 40003, /authParams\.a is null/],
    ['true for the cache parameter', { authCacheParam: true }, 40003, /authCacheParam must be the name/],
    ['no text for it', { authCacheParam: '' }, 40003, /authCacheParam must be the name/],
    ['a number for it', { authCacheParam: 7 }, 40003, /authCacheParam must be the name/],
    ['two names for it', { authCacheParam: 'a&b' }, 40003, /authCacheParam must be the name/],
    ['a name for it that is long', { authCacheParam: 'a'.repeat(65) }, 40003, /authCacheParam must be/],
    [
      'the name of a TokenParam for it',
      { authCacheParam: 'clientId' },
      40003,
      /authCacheParam is "clientId"/,
    ],
    ['the name of a signature for it', { authCacheParam: 'mac' }, 40003, /authCacheParam is "mac"/],
    ['a text for a flag', { queryTime: 'yes' }, 40003, /queryTime is a string, not true or false/],
    ['a number for a flag', { useTokenAuth: 1 }, 40003, /useTokenAuth is 1, not true or false/],
  ])('authOptions with %s are refused by name', (_what, options, code, message) => {
    expect(() => parse(options)).toThrow(
      expect.objectContaining({
        name: 'ErrorInfo',
        code,
        message: expect.stringMatching(message),
        remediation: expect.stringMatching(/./),
      }),
    );
  });

  it.each([
    ['a key', { key: 's3cret' }],
    ['a token', { token: 's3cret\n' }],
    ['an address', { authUrl: 's3cret' }],
    ['an address with a password', { authUrl: 'https://ada:s3cret@example.com/' }],
    ['a header', { authHeaders: { a: 's3cret\nx: 1' } }],
    ['a method', { authMethod: 's3cret' }],
  ])('the error does not repeat %s', (_what, options) => {
    let thrown: unknown;
    try {
      parse(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'ErrorInfo' });
    expect(inspect(thrown) + JSON.stringify(thrown) + String((thrown as Error).stack)).not.toContain(
      's3cret',
    );
  });

  it('a relative address is relative to the page', () => {
    vi.stubGlobal('location', { href: 'https://app.example/rooms/1' });
    expect(parse({ authUrl: '/token' }).authUrl?.expose()).toBe('https://app.example/token');
    expect(() => parse({ authUrl: '' })).toThrow('authUrl is empty, not an http(s) address');
    expect(() => parse({ authUrl: 'javascript:alert(1)' })).toThrow('authUrl');
  });

  it.each<[AuthOptions, boolean]>([
    [{ token: 't' }, false],
    [{ queryTime: true }, false],
    [{ key: 'a.b:c' }, true],
    [{ authUrl: URL_TEXT }, true],
    [{ authCallback: () => 't' }, true],
  ])('%o are renewable: %s (RSA4a)', (options, renewable) => {
    expect(isRenewable(parse(options))).toBe(renewable);
  });

  it('authOptions lose only the used token (RSA10e)', () => {
    const parsed = parse({ token: 't', authUrl: URL_TEXT, queryTime: true });
    const { tokenDetails, ...means } = parsed;
    expect(tokenDetails?.expose().token).toBe('t');
    expect(withoutLiteral(parsed)).toEqual(means);
    expect(Object.isFrozen(withoutLiteral(parsed))).toBe(true);
    expect(parsed.tokenDetails).toBe(tokenDetails);
  });
});
