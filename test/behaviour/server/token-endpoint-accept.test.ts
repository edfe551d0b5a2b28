import { describe, expect, it } from 'vitest';
import { EndpointUnderTest } from '../../kit/token-endpoint-harness.js';

/** Headers, and whether the answer is the JWT alone. */
const headers: Readonly<Record<string, readonly (readonly [accept: string, isAlone: boolean])[]>> = {
  'asks for any type': [
    ['', false],
    [' , ,', false],
    ['*/*', false],
    ['application/*', false],
    ['text/html', false],
    ['*/jwt', false],
  ],
  'names only the JWT': [
    ['application/jwt', true],
    ['APPLICATION/JWT; charset=utf-8', true],
    ['application/jwt;q=0.001', true],
    ['text/html, application/jwt;q=0.1, image/*', true],
    [`${'a/b,'.repeat(3_000)}application/jwt`, true],
  ],
  'names both': [
    ['application/json, text/plain, application/jwt', false],
    ['application/jwt, application/json', false],
    ['application/jwt;q=0.9, application/json;q=0.5', true],
    ['application/jwt;q=0.5, application/json;q=0.9', false],
    ['application/jwt;q=0.500, application/json;q=0.5', false],
    ['application/jwt;q=0.501, application/json;q=0.5', true],
    ['application/jwt;q=0.1, application/json;q=0', true],
    ['application/jwt;q=0, application/json;q=0', false],
    ['application/jwt;q=0.2, application/jwt;q=0.9, application/json;q=0.5', true],
  ],
  'names the JWT beside a wildcard': [
    ['application/jwt, */*', true],
    ['application/jwt;q=0.5, */*;q=0.5', true],
    ['application/jwt;q=0.5, */*', false],
    ['application/jwt;q=0.5, application/*', false],
    ['application/jwt;q=0.5, */*;q=0.1', true],
    ['application/jwt;q=0.5, application/*;q=0.1, */*', true],
    ['application/jwt;q=0.5, application/*, */*;q=0.1', false],
    ['application/jwt;q=0.5, application/json;q=0.1, */*', true],
    ['application/jwt;q=0.1, application/*;q=0, */*', true],
    ['application/jwt;q=0, */*;q=0.1', false],
    ['text/*, application/jwt;q=0.1', true],
  ],
  'has weights in other spellings': [
    ['application/jwt;Q=0.9, application/json;q=0.5', true],
    ['application/jwt \t; \tq=1.000 , application/json;q=0.9', true],
    ['application/jwt;q=0., application/json;q=0.1', false],
    ['application/jwt;a="q=0";q=0.9, application/json;q=0.5', true],
    ['application/jwt;q=0.9;ext=1;q=0.1, application/json;q=0.5', true],
  ],
  'is malformed': [
    ['application/jwt;q=2', false],
    ['application/jwt;q=-1', false],
    ['application/jwt;q=0.1234', false],
    ['application/jwt;q=1.1', false],
    ['application/jwt;q=', false],
    ['application/jwt;q =1', false],
    ['application/jwt;q="1"', false],
    ['application/jwt;q=nonsense', false],
    ['application/jwt;q=0.5, application/json;q=nonsense', true],
    ['application/jwt;q=0.5, application/json;q=nonsense, */*', false],
    ['application/jwt-seq', false],
    ['application/jwt/x', false],
    ['application /jwt', false],
    ['xapplication/jwt', false],
    ['text/html, application/xjwt', false],
    ['text/plain;a=",application/jwt,"', false],
    ['text/plain;a="\\",application/jwt,"', false],
    ['text/plain;a=",application/jwt', false],
    ['text/plain;a=";q=0", application/jwt;q=0.1', true],
    ['"', false],
    [`${'"\\'.repeat(4_000)}application/jwt`, false],
    [`application/jwt${';'.repeat(12_000)}`, true],
  ],
};

describe('the Accept header at a token endpoint of the format jwt', () => {
  it.each(
    Object.entries(headers).flatMap(([what, of]) =>
      of.map(([accept, isAlone]) => ({ what, accept, isAlone })),
    ),
  )('a header that $what, "$accept", gets the JWT alone: $isAlone', async ({ accept, isAlone }) => {
    const { status, headers, text } = await new EndpointUnderTest({ format: 'jwt' }).get({}, { accept });
    expect([status, headers.get('content-type')]).toEqual([
      200,
      isAlone ? 'application/jwt' : 'application/json',
    ]);
    expect(text.startsWith('{')).toBe(!isAlone);
  });

  it('a request without the header gets JSON', async () => {
    const { headers } = await new EndpointUnderTest({ format: 'jwt' }).get();
    expect(headers.get('content-type')).toBe('application/json');
  });

  it('the format token-request answers with JSON always', async () => {
    const { status, headers } = await new EndpointUnderTest().get({}, { accept: 'application/jwt' });
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
  });
});
