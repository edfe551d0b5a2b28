import { describe, expect, it } from 'vitest';
import { jwtTimes } from '../../../src/token/jwt.js';

const part = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (claims: string) => `${part('{"alg":"HS256"}')}.${part(claims)}.c2lnbmF0dXJl`;

describe('the times of a JWT', () => {
  it('the times are in ms', () => {
    expect(jwtTimes(jwt('{"iat":1000,"exp":4600.5}'))).toEqual({ issued: 1_000_000, expires: 4_600_500 });
  });

  it('a JWT may have one of the times', () => {
    expect(jwtTimes(jwt('{"exp":4600}'))).toEqual({ expires: 4_600_000 });
    expect(jwtTimes(jwt('{"sub":"ada"}'))).toEqual({});
  });

  it('a time counts up to the largest number of ms that is exact', () => {
    const most = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);
    expect(jwtTimes(jwt(`{"exp":${most}}`))).toEqual({ expires: most * 1_000 });
    expect(jwtTimes(jwt(`{"exp":${most + 1}}`))).toEqual({});
    expect(jwtTimes(jwt(`{"iat":${-most},"exp":${-most - 1}}`))).toEqual({ issued: -most * 1_000 });
  });

  it.each([
    ['text', '{"iat":"1000","exp":"4600"}'],
    ['null', '{"iat":null,"exp":null}'],
    ['beyond all numbers', '{"iat":-1e999,"exp":1e999}'],
  ])('a JWT whose times are %s has none', (_what, claims) => {
    expect(jwtTimes(jwt(claims))).toEqual({});
  });

  it.each([
    ['an opaque token', 'abcdef'],
    ["a token of Ably's", 'appId.xyz-abc'],
    ['three parts that are no JSON', 'a.b.c'],
    ['a JWT with claims that are no object', jwt('[1]')],
    ['a JWT without claims', `${part('{}')}..x`],
    ['an encrypted JWT, of five parts', 'a.b.c.d.e'],
    [
      'a JWT with claims that are nested too deep',
      jwt(`{"exp":4600,"a":${'['.repeat(100)}${']'.repeat(100)}}`),
    ],
    ['nothing', ''],
  ])('%s has no times', (_what, token) => {
    expect(jwtTimes(token)).toEqual({});
  });
});
