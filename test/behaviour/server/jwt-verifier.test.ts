import { generateKeyPairSync, KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JwtVerifierOptions, jwtVerifier } from '../../../src/server/ws/index.js';
import { listening } from '../../kit/listening.js';

const SECRET = 'a secret of thirty-two letters!!';
const NOW = Date.UTC(2030, 0, 1);
const seconds = NOW / 1_000;
const context = { signal: new AbortController().signal, now: NOW };

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let set: { keys: object[] };
beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true });
  set = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] };
});

const ADA = { sub: 'ada', aud: 'chat', iss: 'https://id.example.com/', iat: seconds, exp: seconds + 60 };
const without = (name: string): JWTPayload =>
  Object.fromEntries(Object.entries(ADA).filter(([one]) => one !== name));
const bySecret = (claims: JWTPayload, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(SECRET));
const byKey = (claims: JWTPayload, kid = 'one') =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey);
const verifier = (options: Partial<JwtVerifierOptions> = {}) =>
  jwtVerifier({ secret: SECRET, audience: 'chat', ...options });
const refusalOf = async (verify: ReturnType<typeof jwtVerifier>, token: string) => {
  const found = (await verify(token, context)) as { error?: { code: number; message: string } };
  return [found.error?.code, found.error?.message];
};

const thrownBy = (run: () => unknown): string => {
  try {
    return String(run());
  } catch (error) {
    return JSON.stringify(error);
  }
};

describe('a verified JWT', () => {
  it('a JWT that a secret signed has its identity, times and claims', async () => {
    expect(await verifier()(await bySecret({ ...ADA, room: 7 }), context)).toEqual({
      identity: 'ada',
      issued: NOW,
      expires: NOW + 60_000,
      claims: { ...ADA, room: 7 },
    });
  });

  it('a JWT without exp never expires', async () => {
    const { exp: _exp, ...claims } = ADA;
    expect(await verifier()(await bySecret(claims), context)).not.toHaveProperty('expires');
  });

  it('an application that wants an expiry refuses a JWT without one', async () => {
    const { exp: _exp, ...claims } = ADA;
    const verify = verifier({
      identity: ({ sub, exp }) => (exp !== undefined && typeof sub === 'string' ? sub : null),
    });
    expect(await refusalOf(verify, await bySecret(claims))).toEqual([40144, expect.any(String)]);
    expect(await verify(await bySecret(ADA), context)).toMatchObject({ identity: 'ada' });
  });

  it('the time in iat is not compared with the clock', async () => {
    const claims = { ...ADA, iat: seconds + 40 };
    expect(await verifier()(await bySecret(claims), context)).toMatchObject({ identity: 'ada' });
  });

  it('a JWT is verified with a key set, and with a public key of each kind', async () => {
    const token = await byKey(ADA);
    for (const keys of [{ jwks: set as { keys: object[] } }, { key: pair.publicKey }, { key: set.keys[0] }]) {
      const verify = jwtVerifier({ audience: 'chat', ...keys } as JwtVerifierOptions);
      expect(await verify(token, context)).toMatchObject({ identity: 'ada' });
    }
  });

  it('the key set of an address is asked for once', async () => {
    let calls = 0;
    const server = createServer((_request, response) => {
      calls += 1;
      response.end(JSON.stringify(set));
    });
    const origin = await listening(server);
    const verify = jwtVerifier({ jwks: `${origin}/keys`, audience: 'chat' });
    for (let count = 0; count < 3; count += 1)
      expect(await verify(await byKey(ADA), context)).toMatchObject({ identity: 'ada' });
    expect(calls).toBe(1);
    server.close();
  });

  it('a key set that cannot be loaded is an error, and no refusal', async () => {
    const fetch = async () => new Response('down', { status: 503 });
    const verify = jwtVerifier({ jwks: 'https://id.example.com/keys', audience: 'chat', fetch });
    await expect(verify(await byKey(ADA), context)).rejects.toThrow('Expected 200 OK');
    const offline = async () => Promise.reject(new TypeError('fetch failed'));
    const other = jwtVerifier({ jwks: 'https://id.example.com/keys', audience: 'chat', fetch: offline });
    await expect(other(await byKey(ADA), context)).rejects.toThrow('fetch failed');
  });

  it('the application names the identity', async () => {
    const verify = verifier({ identity: ({ iss, sub }) => `${iss}|${sub}` });
    expect(await verify(await bySecret(ADA), context)).toMatchObject({ identity: `${ADA.iss}|ada` });
  });

  it('a token that was issued a moment ahead of this clock is accepted', async () => {
    const claims = { ...ADA, iat: seconds + 4, nbf: seconds + 4, exp: seconds + 64 };
    expect(await verifier()(await bySecret(claims), context)).toMatchObject({ identity: 'ada' });
  });
});

describe('a JWT that is refused', () => {
  it.each<[string, JWTPayload, number, string]>([
    ['has expired', { ...ADA, exp: seconds }, 40142, 'expired'],
    ['expired long ago', { ...ADA, exp: seconds - 60 }, 40142, 'expired'],
    ['is for another audience', { ...ADA, aud: 'mail' }, 40144, 'aud'],
    ['has no audience', without('aud'), 40144, 'aud'],
    ['comes from another issuer', { ...ADA, iss: 'https://evil.example' }, 40144, 'iss'],
    ['is not valid yet', { ...ADA, nbf: seconds + 60 }, 40144, 'nbf'],
    ['has no subject', without('sub'), 40144, 'sub'],
    ['has an empty subject', { ...ADA, sub: '' }, 40144, 'sub'],
  ])('a JWT that %s is refused', async (_title, claims, code, word) => {
    const verify = verifier({ issuer: ADA.iss });
    expect(await refusalOf(verify, await bySecret(claims))).toEqual([code, expect.stringContaining(word)]);
  });

  it('a JWT of an algorithm that is not accepted is refused', async () => {
    expect(await refusalOf(verifier(), await bySecret(ADA, 'HS512'))).toEqual([40144, expect.any(String)]);
    const none = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(ADA))}.`.replaceAll('=', '');
    expect(await refusalOf(verifier(), none)).toEqual([40144, expect.any(String)]);
  });

  it('a JWT that is signed with the public key as if it were a secret is refused', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const token = await new SignJWT(ADA)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(pem));
    const verify = jwtVerifier({ key: publicKey, audience: 'chat' });
    expect(await refusalOf(verify, token)).toEqual([40144, expect.any(String)]);
  });

  it.each([undefined, ['RS256', 'ES256']])(
    'a JWT of an algorithm that its key cannot have is refused, and is no error: algorithms %j',
    async (algorithms) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      const jwk = publicKey.export({ format: 'jwk' });
      const key = await crypto.subtle.importKey(
        'jwk',
        jwk,
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        true,
        ['verify'],
      );
      for (const one of [publicKey, jwk, { ...jwk, alg: 'RS256' }, key]) {
        const verify = jwtVerifier({ key: one, audience: 'chat', ...(algorithms && { algorithms }) });
        expect(await refusalOf(verify, await byKey(ADA))).toEqual([40144, expect.any(String)]);
      }
    },
  );

  it.each<[string, string, boolean]>([
    ['RS256', 'PS256', true],
    ['PS384', 'RS384', true],
    ['ES256', 'ES384', false],
    ['ES384', 'ES256', false],
    ['ES512', 'EdDSA', false],
    ['EdDSA', 'ES256', false],
    ['Ed25519', 'RS256', false],
  ])('a key of %s verifies its JWTs, in each form, and refuses those of %s', async (alg, other, isRsa) => {
    const [mine, others] = await Promise.all(
      [alg, other].map((one) => generateKeyPair(one, { extractable: true })),
    );
    if (mine === undefined || others === undefined) throw new Error('no keys');
    const signed = (by: string, key: typeof mine.privateKey) =>
      new SignJWT(ADA).setProtectedHeader({ alg: by }).sign(key);
    const forms = [mine.publicKey, KeyObject.from(mine.publicKey as never), await exportJWK(mine.publicKey)];
    for (const key of forms) {
      const verify = jwtVerifier({ key, audience: 'chat' });
      expect(await verify(await signed(alg, mine.privateKey), context)).toMatchObject({ identity: 'ada' });
      const foreign = await signed(other, others.privateKey);
      expect(await refusalOf(verify, foreign)).toEqual([40144, expect.any(String)]);
      if (!isRsa)
        expect(thrownBy(() => jwtVerifier({ key, audience: null, algorithms: [other] }))).toContain(alg);
    }
  });

  it('a JWT of another key is refused', async () => {
    const other = await generateKeyPair('ES256');
    const token = await new SignJWT(ADA)
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(other.privateKey);
    const verify = jwtVerifier({ jwks: set, audience: 'chat' });
    expect(await refusalOf(verify, token)).toEqual([40144, expect.any(String)]);
    expect(await refusalOf(verify, await byKey(ADA, 'two'))).toEqual([40144, expect.any(String)]);
  });

  it.each(['', 'a', 'a.b.c', '..', `${'a'.repeat(9_000)}.b.c`, 'é.é.é', `${btoa('[]')}.${btoa('[]')}.`])(
    'a text that is no JWT is refused: %s',
    async (text) => {
      expect(await refusalOf(verifier(), text)).toEqual([40144, expect.any(String)]);
    },
  );
});

describe('the options of jwtVerifier()', () => {
  it.each<[string, object, string]>([
    ['no key', { secret: undefined }, 'jwks, key and secret'],
    ['two keys', { jwks: { keys: [] } }, 'jwks, key and secret'],
    ['a short secret', { secret: 'short' }, 'secret has 5 bytes'],
    ['a secret that is a number', { secret: 7 }, 'secret'],
    ['no audience', { audience: undefined }, 'audience'],
    ['an empty audience', { audience: '' }, 'audience'],
    ['an empty list of audiences', { audience: [] }, 'audience'],
    ['an issuer that is a number', { issuer: 7 }, 'issuer'],
    ['an algorithm for the other kind of key', { algorithms: ['RS256'] }, 'algorithms'],
    ['the algorithm none', { algorithms: ['none'] }, 'algorithms'],
    ['no algorithm', { algorithms: [] }, 'algorithms'],
    ['an unknown option', { audeince: 'chat' }, 'audience'],
    ['a tolerance that is a text', { clockTolerance: '5s' }, 'clockTolerance'],
    ['an identity that is a text', { identity: 'sub' }, 'identity'],
    ['an http address', { secret: undefined, jwks: 'http://id.example.com/keys' }, 'jwks'],
    ['a relative address', { secret: undefined, jwks: '/keys' }, 'jwks'],
    ['keys that are no list', { secret: undefined, jwks: { keys: 'a' } }, 'jwks.keys'],
    ['a private key', { secret: undefined, key: generateKeyPairSync('ed25519').privateKey }, 'key'],
    ['an object that is no key', { secret: undefined, key: {} }, 'key'],
    ['a JWK of a secret', { secret: undefined, key: { kty: 'oct', k: 'a' } }, 'key'],
    ['a private JWK', { secret: undefined, key: { kty: 'EC', d: 'a' } }, 'key'],
    [
      'HS256 with a public key',
      { secret: undefined, key: { kty: 'EC' }, algorithms: ['HS256'] },
      'algorithms',
    ],
    ['a fetch that is a text', { fetch: 'fetch' }, 'fetch'],
  ])('%s is refused by name', (_title, options, name) => {
    const text = thrownBy(() => verifier(options));
    expect(text).toContain('40003');
    expect(text).toContain(name);
  });

  it('options that are no object are refused', () => {
    for (const given of [undefined, null, 'x', 7, []])
      expect(thrownBy(() => jwtVerifier(given as never))).toContain('40003');
  });
});
