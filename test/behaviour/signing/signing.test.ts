import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hmacSigner as nobleSigner } from '../../../src/signing/hmac.noble.js';
import { hmacSigner as nodeSigner } from '../../../src/signing/hmac.node.js';
import { noncePool } from '../../../src/signing/nonces.js';
import type { SignerFactory } from '../../../src/signing/port.js';
import { keySigner } from '../../../src/signing/token-request.js';
import { parseTokenParams } from '../../../src/token/token-params.js';

const reference = (secret: string, text: string) =>
  createHmac('sha256', Buffer.from(secret, 'utf8')).update(Buffer.from(text, 'utf8')).digest('base64');

/** hmac.node.ts as it loads on a Node older than `crypto.hash`. */
const olderNodeSigner: SignerFactory = (secret) => older.hmacSigner(secret);

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
  ])('makes the mac of RFC 2104 with %s', (_what, secret) => {
    const sign = signer(secret);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 200, 448, 449, 513, 5_000]) {
      const text = 'é'.repeat(length);
      expect(sign(text)).toBe(reference(secret, text));
    }
  });

  it('keeps nothing of one text for the next, whichever is longer', () => {
    const sign = signer('secret');
    const long = 'x'.repeat(10_000);
    for (const text of ['a', long, 'a', '', long, 'ab']) expect(sign(text)).toBe(reference('secret', text));
  });

  it('keeps the texts of two keys apart', () => {
    const [one, other] = [signer('one'), signer('other')];
    expect([one('t'), other('t'), one('t')]).toEqual([
      reference('one', 't'),
      reference('other', 't'),
      reference('one', 't'),
    ]);
  });

  it('takes half of a surrogate pair for the replacement character, as UTF-8 does', () => {
    expect(signer('secret')('a\ud83d')).toBe(reference('secret', 'a\ufffd'));
  });
});

describe('a nonce', () => {
  it('has 32 hexadecimal digits, and is never the same twice', () => {
    const next = noncePool();
    const nonces = Array.from({ length: 5_000 }, next);
    expect(nonces.filter((nonce) => !/^[0-9a-f]{32}$/.test(nonce))).toEqual([]);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('comes from the cryptographic source, asked once for many', () => {
    const source = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const next = noncePool();
    expect(source).not.toHaveBeenCalled();
    for (let count = 0; count < 256; count += 1) next();
    expect(source).toHaveBeenCalledTimes(1);
    next();
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('is wiped from the pool once it is used, and not before', () => {
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

  it('signs what is asked, at the moment it is asked', () => {
    const params = parseTokenParams({ ttl: 5_000, clientId: 'ada', capability: { b: ['y', 'x'], a: ['z'] } });
    const { nonce, mac, ...rest } = sign(params, 1_000);
    const capability = '{"a":["z"],"b":["x","y"]}';
    expect(rest).toEqual({ keyName: 'app.key', ttl: 5_000, capability, clientId: 'ada', timestamp: 1_000 });
    expect(mac).toBe(reference('secret', `app.key\n5000\n${capability}\nada\n1000\n${nonce}\n`));
  });

  it('leaves out what is not asked, and signs an empty line for it', () => {
    const { nonce, mac, ...rest } = sign(parseTokenParams({ clientId: null, ttl: null, capability: '' }), 7);
    expect(rest).toEqual({ keyName: 'app.key', timestamp: 7 });
    expect(mac).toBe(reference('secret', `app.key\n\n\n\n7\n${nonce}\n`));
  });

  it('takes the timestamp and the nonce that are given before its own', () => {
    const { timestamp, nonce } = sign(parseTokenParams({ timestamp: 3, nonce: 'of the caller' }), 7);
    expect([timestamp, nonce]).toEqual([3, 'of the caller']);
  });

  it('signs nothing that the application adds under names of its own', () => {
    const params = parseTokenParams({ nonce: 'n', ...{ tenant: 'x', keyName: 'other.key', mac: 'y' } });
    expect(sign(params, 7)).toEqual(sign(parseTokenParams({ nonce: 'n' }), 7));
  });

  it('signs no clientId of several lines, which could pass for another one and its nonce', () => {
    const clientId = 'admin\n7\n0123456789abcdef';
    expect(() => sign(parseTokenParams({ clientId }), 7)).toThrow(
      expect.objectContaining({ code: 40012, statusCode: 400 }),
    );
  });

  it('never puts its secret into what it signs', () => {
    expect(JSON.stringify(sign(parseTokenParams({ clientId: 'ada' }), 7))).not.toContain('secret');
  });
});
