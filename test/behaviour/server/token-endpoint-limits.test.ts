import { describe, expect, it } from 'vitest';
import type { Capability } from '../../../src/index.js';
import { Effort, intersection } from '../../../src/server/capability-intersection.js';
import type { Grant } from '../../../src/server/index.js';
import { ADA, EndpointUnderTest } from '../../kit/token-endpoint-harness.js';

const many = (count: number, name: (index: number) => string, operations: readonly string[] = ['*']) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), operations]));
const operations = (count: number) => Array.from({ length: count }, (_, index) => `operation-${index}`);

const granting = (grant: Partial<Grant>, format: 'jwt' | 'token-request' = 'token-request') =>
  new EndpointUnderTest({ format, grant: () => ({ ...ADA, ...grant }) });
const ask = (endpoint: EndpointUnderTest, body: object) => endpoint.post(JSON.stringify(body));

describe('a request for too much', () => {
  it.each<[string, object, number, string]>([
    [
      '257 channels',
      { capability: many(257, (index) => `c${index}`) },
      40003,
      'names more than 256 channels',
    ],
    ['65 operations', { capability: { a: operations(65) } }, 40003, 'names more than 64 operations'],
    [
      'the same operation again and again',
      { capability: { a: Array(65).fill('publish') } },
      40003,
      'names more than 64 operations',
    ],
    ['long names', { capability: many(8, (index) => `${index}`.repeat(5_000)) }, 40003, 'more than 32768'],
    ['long operations', { capability: { a: ['x'.repeat(40_000)] } }, 40003, 'more than 32768'],
    [
      '48 KB of channels',
      { capability: many(250, (index) => `${index}:`.padEnd(180, 'x')) },
      40003,
      'more than',
    ],
    ['a clientId of 1,025 letters', { clientId: 'x'.repeat(1_025) }, 40012, 'at most 1024 characters'],
    ['half a character for a name', { clientId: 'ada\ud800' }, 40012, 'clientId'],
    ['257 parameters', many(257, (index) => `p${index}`), 40001, 'more than 256 parameters'],
    [
      'a body of 101 levels',
      { room: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) },
      40001,
      'nested too deep',
    ],
  ])('the endpoint refuses %s with 400', async (_title, body, code, message) => {
    const endpoint = granting({ clientId: '*', capability: { '*': ['*'] } });
    const { status, json } = await ask(endpoint, body);
    expect([status, json.error?.code]).toEqual([400, code]);
    expect(json.error?.message).toContain(message);
    expect(endpoint.heard).toEqual([]);
  });

  it('the endpoint accepts a request that is just within the limits', async () => {
    const endpoint = granting({ clientId: '*', capability: { '*': ['*'] } });
    const capability = many(256, (index) => `${index}:`.padEnd(127, 'x'));
    const room = JSON.parse(`${'['.repeat(99)}${']'.repeat(99)}`);
    expect((await ask(endpoint, { capability, room, clientId: 'x'.repeat(1_024) })).status).toBe(200);
    expect((await ask(endpoint, { capability: { a: operations(64) } })).status).toBe(200);
    expect(
      (
        await ask(
          endpoint,
          many(256, (index) => `p${index}`),
        )
      ).status,
    ).toBe(200);
  });

  it('an error repeats only the beginning of a received text', async () => {
    const endpoint = granting({});
    const name = 'secret-of-a-stranger-'.repeat(2_000);
    const { text } = await ask(endpoint, { capability: { [name]: 1 } });
    expect(text.length).toBeLessThan(500);
    const method = 'M'.repeat(5_000);
    const answer = await endpoint.send(new Request('https://example.com/token', { method }));
    expect([answer.status, answer.text.length < 300]).toEqual([405, true]);
  });
});

describe('requested patterns that cross the granted ones', () => {
  const asked = many(256, (index) => `*:${'x'.repeat(60)}${index}`);

  it('the endpoint refuses a product of megabytes with 400', async () => {
    const endpoint = granting({ capability: many(256, (index) => `${'y'.repeat(60)}${index}:*`) });
    const { status, json, text } = await ask(endpoint, { capability: asked });
    expect([status, json.error?.code]).toEqual([400, 40003]);
    expect(json.error?.message).toContain('capability asks for too much at once');
    expect(text.length).toBeLessThan(500);
    expect(endpoint.heard).toEqual([]);
  });

  it('the endpoint grants what a few patterns have in common', async () => {
    const endpoint = granting({ capability: many(20, (index) => `y${index}:*`, ['publish', 'history']) });
    const capability = many(20, (index) => `*:x${index}`, ['history', 'subscribe']);
    const { status, json } = await ask(endpoint, { capability });
    expect(status).toBe(200);
    const given = JSON.parse(String(json.capability)) as Capability;
    expect(Object.keys(given)).toHaveLength(400);
    expect(given['y19:x7']).toEqual(['history']);
  });

  it('the endpoint refuses a result that is larger than a grant may be', async () => {
    const endpoint = granting({ capability: many(50, (index) => `y${index}:*`) });
    const { status, json } = await ask(endpoint, { capability: many(50, (index) => `*:x${index}`) });
    expect([status, json.error?.code]).toEqual([400, 40003]);
    expect(json.error?.message).toMatch(/asks for too much at once: .*more than 2048 channels/);
  });
});

describe('a grant that is too large', () => {
  it.each<[string, Partial<Grant>, string]>([
    ['2,049 channels', { capability: many(2_049, (index) => `c${index}`) }, 'names more than 2048 channels'],
    ['65 operations', { capability: { a: operations(65) } }, 'names more than 64 operations on one channel'],
    [
      'long names',
      { capability: many(20, (index) => `${index}`.padEnd(4_000, 'x')) },
      'more than 65536 characters',
    ],
    [
      'long names, as text',
      { capability: JSON.stringify(many(20, (index) => `${index}`.padEnd(4_000, 'x'))) },
      'more than 65536 characters',
    ],
    ['a clientId without end', { clientId: 'x'.repeat(140_000) }, 'must fit into 131072 bytes'],
    ['a clientId of long letters', { clientId: '…'.repeat(50_000) }, 'must fit into 131072 bytes'],
  ])(
    'a grant that is too large is reported to onError and answered with 500: %s',
    async (_title, grant, message) => {
      for (const format of ['token-request', 'jwt'] as const) {
        const endpoint = granting(grant, format);
        const { status, json } = await endpoint.get();
        expect([status, json.error?.message]).toEqual([500, 'the token endpoint failed']);
        expect(endpoint.heard).toMatchObject([{ code: 40003, message: expect.stringContaining(message) }]);
        expect(endpoint.heard[0]?.remediation).toBeDefined();
      }
    },
  );

  it('a grant whose claims make a JWT too long for clients is answered with 500', async () => {
    const claims = { 'ably.channel.a': 'x'.repeat(100_000) };
    const endpoint = granting({ claims }, 'jwt');
    expect((await endpoint.get()).status).toBe(500);
    expect(endpoint.heard).toMatchObject([{ code: 40003 }]);
  });

  it('a grant of 2,048 channels is accepted, whether all or some of them are requested', async () => {
    const endpoint = granting({ capability: many(2_048, (index) => `room:${index}`, ['subscribe']) });
    const asked = [{}, { capability: { '*': ['*'], '[*]*': ['*'], 'room:*': ['subscribe'] } }];
    for (const body of asked) {
      const { status, json } = await ask(endpoint, body);
      expect(status).toBe(200);
      expect(Object.keys(JSON.parse(String(json.capability)))).toHaveLength(2_048);
    }
    const named = many(256, (index) => `room:${index * 8}`);
    const { json } = await ask(endpoint, { capability: named });
    expect(Object.keys(JSON.parse(String(json.capability)))).toHaveLength(256);
  });
});

/** Pairs of capabilities with n channels each, which have little, much or nothing in common. */
const families: Readonly<Record<string, (n: number) => [Capability, Capability]>> = {
  'the same names': (n) => [many(n, (i) => `room:${i}`), many(n, (i) => `room:${i}`)],
  'patterns that cross': (n) => [many(n, (i) => `a${i}:*`), many(n, (i) => `*:b${i}`)],
  'patterns that nearly meet': (n) => [many(n, (i) => `*:*:z${i}`), many(n, (i) => `g${i}:h:y`)],
  'the same the other way round': (n) => [many(n, (i) => `g${i}:h:y`), many(n, (i) => `*:*:z${i}`)],
  'kinds of channels': (n) => [many(n, (i) => `[k${i}]*`), many(n, (i) => `[*]c${i}`)],
  'names under patterns': (n) => [{ '*': ['*'], '[*]*': ['*'] }, many(n, (i) => `room:${i}`)],
  'many operations': (n) => [
    many(n, (i) => `a${i}`, operations(64)),
    many(n, (i) => `a${i}`, operations(64).reverse()),
  ],
  'wildcards in every place': (n) => {
    const name = (index: number, set: string, clear: string) =>
      Array.from({ length: 12 }, (_, bit) => ((index >> bit) & 1 ? set : clear)).join(':');
    return [many(n, (i) => name(i, 'a', '*')), many(n, (i) => name(i, '*', 'a'))];
  },
  'names of many segments': (n) => {
    const segments = (count: number) => Array(count).fill('a').join(':');
    return [{ [segments(n * 8)]: ['*'] }, many(16, (i) => `${segments(Math.ceil((n * (i + 1)) / 16))}:*`)];
  },
};

describe('the effort of comparing a request with a grant', () => {
  const effort = (pair: readonly [Capability, Capability]): number => {
    const counted = new Effort();
    try {
      intersection(...pair, counted);
    } catch (fault) {
      expect(fault).toMatchObject({ code: 40003 });
    }
    return counted.spent;
  };

  it.each(Object.entries(families))(
    'the effort grows no faster than the size of both sides: %s',
    (_title, family) => {
      for (const n of [256, 512, 1_024]) {
        expect(effort(family(n))).toBeGreaterThan(0);
        expect(effort(family(2 * n)) / effort(family(n))).toBeLessThanOrEqual(2.6);
      }
    },
  );

  it.each(Object.entries(families))('the effort has an upper bound: %s', (_title, family) => {
    const [one, other] = family(2_048);
    const size = JSON.stringify([one, other]).length;
    expect(effort([one, other])).toBeLessThan(300_000 + 24 * size);
  });
});
