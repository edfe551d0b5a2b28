import { decode, encode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { isWellFormed } from '../../../src/sandbox/msgpack-shape.js';
import { ACK, ATTACHED, CONNECTED, type Frame, MESSAGE, SandboxHarness } from '../../kit/sandbox-harness.js';

const msgpack = 'application/x-msgpack';

describe('MessagePack at the sandbox', () => {
  it('MessagePack is accepted in a body and used in an answer', async () => {
    const harness = new SandboxHarness();
    const response = await harness.sandbox.fetch(`https://x/keys/${harness.key.keyName}/requestToken`, {
      method: 'POST',
      body: encode(harness.signed({ ttl: 5_000 })),
      headers: { 'content-type': msgpack, accept: msgpack },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([201, msgpack]);
    expect(decode(await response.arrayBuffer())).toMatchObject({
      keyName: harness.key.keyName,
      expires: harness.clock.now() + 5_000,
    });
  });

  it('MessagePack is used on a connection that requests it, in both directions', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, format: 'msgpack' });
    await client.send(encode({ action: 10, channel: 'chat' }));
    await client.send(encode({ action: 15, channel: 'chat', msgSerial: 0, messages: [{ data: 'hello' }] }));
    expect(client.actions).toEqual([CONNECTED, ATTACHED, ACK, MESSAGE]);
  });

  it('null in MessagePack counts as absent, as SDKs write it', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, format: 'msgpack' });
    await client.send(encode({ action: 10, channel: 'chat', flags: null, msgSerial: null, messages: null }));
    expect(client.last?.action).toBe(ATTACHED);
  });

  it('MessagePack carries bytes; JSON carries them as Base64 and says so (RSL4d1)', async () => {
    const harness = new SandboxHarness();
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const [packed, plain] = [
      await harness.connect({ key: harness.key.keyStr, format: 'msgpack' }),
      await harness.connect({ key: harness.key.keyStr }),
    ];
    await packed.send(encode({ action: 10, channel: 'chat' }));
    await plain.send({ action: 10, channel: 'chat' });
    const messages = [{ data: bytes }, { data: bytes, encoding: 'cipher' }];
    await packed.send(encode({ action: 15, channel: 'chat', msgSerial: 0, messages }));
    const base64 = Buffer.from(bytes).toString('base64');
    const told = (frame: Frame | undefined) => frame?.messages as readonly Record<string, unknown>[];
    expect(told(plain.last)).toMatchObject([
      { data: base64, encoding: 'base64' },
      { data: base64, encoding: 'cipher/base64' },
    ]);
    expect(told(packed.last).map(({ data }) => data)).toEqual([bytes, bytes]);
    const { body } = await harness.get('/channels/chat/messages', harness.basic);
    expect(body).toMatchObject([{ encoding: 'cipher/base64' }, { data: base64, encoding: 'base64' }]);
    const raw = await harness.get('/channels/chat/messages', { ...harness.basic, accept: msgpack });
    expect(raw.body).toMatchObject([{ data: bytes }, { data: bytes }]);
  });

  it('a frame in another format fails the connection', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, format: 'msgpack' });
    await client.send('{"action":0}');
    expect(client.last).toMatchObject({ action: 9, error: { code: 40000, statusCode: 400 } });
    expect(client.last).not.toHaveProperty('channel');
    expect(client.isOpen).toBe(false);
  });
});

describe('the check of MessagePack', () => {
  const values = [
    null,
    true,
    -1,
    127,
    128,
    65_536,
    2 ** 40,
    -(2 ** 40),
    1.5,
    'short',
    'x'.repeat(40),
    'x'.repeat(300),
    'x'.repeat(70_000),
    new Uint8Array(10),
    new Uint8Array(300),
    new Uint8Array(70_000),
    Array.from({ length: 20 }, (_, index) => index),
    Array.from({ length: 70_000 }, () => 0),
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index])),
    new Date(1_600_000_000_000),
    new Date(1_600_000_000_123),
    { a: [{ b: [] }, {}], c: '' },
  ];

  it.each(values.map((value, index) => [index, value]))(
    'is seen in value %i, whole and cut',
    (_index, value) => {
      const bytes = encode(value);
      expect(isWellFormed(bytes, 64)).toBe(true);
      for (const length of new Set([0, 1, 2, 3, bytes.length >> 1, bytes.length - 1])) {
        if (length < bytes.length) expect(isWellFormed(bytes.subarray(0, length), 64)).toBe(false);
      }
      expect(isWellFormed(new Uint8Array([...bytes, 0]), 64)).toBe(false);
    },
  );

  it('a value nested too deeply is not valid', () => {
    const deep = (levels: number) => new Uint8Array([...Array(levels).fill(0x91), 0xc0]);
    expect(isWellFormed(deep(63), 64)).toBe(true);
    expect(isWellFormed(deep(64), 64)).toBe(false);
  });

  it('the unused type byte is not valid', () => {
    expect(isWellFormed(new Uint8Array([0xc1]), 64)).toBe(false);
  });
});
