import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { base64Url as nobleBase64Url, hmacSigner as nobleSigner } from '../../../src/signing/hmac.noble.js';
import { base64Url, hmacSigner as nodeSigner } from '../../../src/signing/hmac.node.js';
import { noncePool } from '../../../src/signing/nonces.js';
import type { SignerFactory } from '../../../src/signing/port.js';
import { keySigner } from '../../../src/signing/token-request.js';
import { parseTokenParams } from '../../../src/token/token-params.js';

const reference = (secret: string, text: string) =>
  createHmac('sha256', Buffer.from(secret, 'utf8')).update(Buffer.from(text, 'utf8')).digest('base64');

/** hmac.node.ts as it loads on a Node older than `crypto.hash`. */
const olderNodeSigner: SignerFactory = (...given) => older.hmacSigner(...given);

const older = await (async () => {
  vi.resetModules();
  vi.doMock('node:crypto', async (original) => ({ ...(await original<object>()), hash: undefined }));
  try {
    return await import('../../../src/signing/hmac.node.js');
  } finally {
    vi.doUnmock('node:crypto');
  }
})();

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each<[string, SignerFactory]>([
  ['of Node', nodeSigner],
  ['of a Node without crypto.hash', olderNodeSigner],
  ['of browsers', nobleSigner],
])('the signer %s', (_where, signer) => {
  it.each([
    ['a key shorter than a block', 'secret'],
    ['a key as long as a block', 'k'.repeat(64)],
    ['a key one byte longer', 'k'.repeat(65)],
    ['a key of several blocks', 'k'.repeat(300)],
    ['a key whose bytes fill a block and whose characters do not', '日'.repeat(22)],
    ['a key outside the basic plane', '𝒳-🔑'],
  ])('the mac is that of RFC 2104 with %s', (_what, secret) => {
    const sign = signer(secret);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 200, 448, 449, 513, 5_000]) {
      const text = 'é'.repeat(length);
      expect(sign(text)).toBe(reference(secret, text));
    }
  });

  it('the mac can be in the alphabet for URLs', () => {
    for (let count = 0; count < 50; count += 1)
      expect(signer('secret', 'base64url')(`${count}`)).toBe(
        Buffer.from(reference('secret', `${count}`), 'base64').toString('base64url'),
      );
  });

  it('a signature does not depend on the previous text, longer or shorter', () => {
    const sign = signer('secret');
    const long = 'x'.repeat(10_000);
    for (const text of ['a', long, 'a', '', long, 'ab']) expect(sign(text)).toBe(reference('secret', text));
  });

  it('two signers do not mix their keys', () => {
    const [one, other] = [signer('one'), signer('other')];
    expect([one('t'), other('t'), one('t')]).toEqual([
      reference('one', 't'),
      reference('other', 't'),
      reference('one', 't'),
    ]);
  });

  it('half of a surrogate pair is signed as the replacement character, as in UTF-8', () => {
    expect(signer('secret')('a\ud83d')).toBe(reference('secret', 'a\ufffd'));
  });
});

describe('a nonce', () => {
  it('a nonce has 32 hexadecimal digits and never repeats', () => {
    const next = noncePool();
    const nonces = Array.from({ length: 5_000 }, next);
    expect(nonces.filter((nonce) => !/^[0-9a-f]{32}$/.test(nonce))).toEqual([]);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('nonces come from the cryptographic source, which is read once for many', () => {
    const source = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const next = noncePool();
    expect(source).not.toHaveBeenCalled();
    for (let count = 0; count < 256; count += 1) next();
    expect(source).toHaveBeenCalledTimes(1);
    next();
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('a nonce is erased from the pool when it is used', () => {
    const source = vi.spyOn(globalThis.crypto, 'getRandomValues');
    source.mockImplementation((pool) => {
      (pool as unknown as Uint8Array).fill(0xab);
      return pool;
    });
    const next = noncePool();
    expect(next()).toBe('ab'.repeat(16));
    const pool = source.mock.calls[0]?.[0] as unknown as Uint8Array;
    expect([...pool.subarray(0, 16)]).toEqual(new Array(16).fill(0));
    expect([...pool.subarray(16)].every((byte) => byte === 0xab)).toBe(true);
  });
});

describe('a key', () => {
  const sign = keySigner({ name: 'app.key', secret: 'secret' });

  it('a TokenRequest has the requested fields and the current time', () => {
    const params = parseTokenParams({ ttl: 5_000, clientId: 'ada', capability: { b: ['y', 'x'], a: ['z'] } });
    const { nonce, mac, ...rest } = sign(params, 1_000);
    const capability = '{"a":["z"],"b":["x","y"]}';
    expect(rest).toEqual({ keyName: 'app.key', ttl: 5_000, capability, clientId: 'ada', timestamp: 1_000 });
    expect(mac).toBe(reference('secret', `app.key\n5000\n${capability}\nada\n1000\n${nonce}\n`));
  });

  it('absent fields are left out of a TokenRequest and signed as empty lines', () => {
    const { nonce, mac, ...rest } = sign(parseTokenParams({ clientId: null, ttl: null, capability: '' }), 7);
    expect(rest).toEqual({ keyName: 'app.key', timestamp: 7 });
    expect(mac).toBe(reference('secret', `app.key\n\n\n\n7\n${nonce}\n`));
  });

  it('given timestamp and nonce win over generated ones', () => {
    const { timestamp, nonce } = sign(parseTokenParams({ timestamp: 3, nonce: 'of the caller' }), 7);
    expect([timestamp, nonce]).toEqual([3, 'of the caller']);
  });

  it('additional fields of the application are not signed', () => {
    const params = parseTokenParams({ nonce: 'n', ...{ tenant: 'x', keyName: 'other.key', mac: 'y' } });
    expect(sign(params, 7)).toEqual(sign(parseTokenParams({ nonce: 'n' }), 7));
  });

  it('a clientId with line breaks is not signed, because it could be read as other fields', () => {
    const clientId = 'admin\n7\n0123456789abcdef';
    expect(() => sign(parseTokenParams({ clientId }), 7)).toThrow(
      expect.objectContaining({ code: 40012, statusCode: 400 }),
    );
  });

  it('a TokenRequest never contains the key’s secret', () => {
    expect(JSON.stringify(sign(parseTokenParams({ clientId: 'ada' }), 7))).not.toContain('secret');
  });
});

it('a text is in the alphabet for URLs, on each platform', () => {
  for (const text of ['', 'a', 'ab', 'abc?>~', 'é日𝒳', '\ud800', '{"a":"~~~???"}'])
    expect([base64Url(text), nobleBase64Url(text)]).toEqual(
      Array(2).fill(Buffer.from(text).toString('base64url')),
    );
});
