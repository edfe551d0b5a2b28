import { describe, expect, it } from 'vitest';
import { seededChance } from '../../../src/chance.js';
import { BoundedMap } from '../../../src/sandbox/bounded-map.js';
import { basicOf, SandboxHarness } from '../../kit/sandbox-harness.js';

describe('a bounded map', () => {
  it('the map removes the oldest entries beyond its limit, and reports them', () => {
    const gone: string[] = [];
    const map = new BoundedMap<string, string>(2, undefined, (value) => gone.push(value));
    for (const name of ['a', 'b', 'c']) map.set(name, name);
    expect([...map]).toEqual([
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(gone).toEqual(['a']);
    expect([map.has('a'), map.get('b'), map.size]).toEqual([false, 'b', 2]);
  });

  it('the map counts the weight of each entry, and makes room for the heaviest', () => {
    const map = new BoundedMap<string, number>(10, (weight) => weight);
    map.set('a', 4);
    map.set('b', 4);
    map.set('c', 5);
    expect([...map.values()]).toEqual([4, 5]);
    map.set('d', 50);
    expect([...map.values()]).toEqual([50]);
    map.delete('d');
    map.set('e', 10);
    expect([...map.values()]).toEqual([10]);
  });

  it('an entry that is set again becomes the youngest', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });
});

describe('seeded random numbers', () => {
  it('the sequence is the same for the same seed, evenly spread, and never 1', () => {
    const [one, same, other] = [seededChance(7), seededChance(7), seededChance(8)];
    const numbers = Array.from({ length: 10_000 }, one);
    expect(numbers).toEqual(Array.from({ length: 10_000 }, same));
    expect(numbers.slice(0, 3)).not.toEqual([other(), other(), other()]);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const count = numbers.filter((one) => Math.floor(one * 10) === tenth).length;
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });
});

describe('the limits of the sandbox', () => {
  it('apps with too many keys are refused until an app is deleted', async () => {
    const harness = new SandboxHarness();
    const resource = (index: number) => `${index}`.padEnd(2_000, 'x');
    const names = Array.from({ length: 250 }, (_, index) => [resource(index), ['*']]);
    const key = { capability: Object.fromEntries(names) };
    const create = () => harness.sandbox.createApp({ keys: Array.from({ length: 80 }, () => key) });
    const { appId, keys } = create();
    expect(create).toThrow(/too much at once/);
    await harness.get(`/apps/${appId}`, basicOf(keys[0]?.keyStr ?? ''), 'DELETE');
    expect(create().keys).toHaveLength(80);
  });

  it('an app with more than 200 channels at its start is refused', () => {
    const { sandbox } = new SandboxHarness();
    const channels = (length: number) => Array.from({ length }, (_, index) => ({ name: `c${index}` }));
    expect(() => sandbox.createApp({ channels: channels(201) })).toThrow(/too much at once/);
    const held = sandbox.sizes.channels;
    sandbox.createApp({ channels: channels(200) });
    expect(sandbox.sizes.channels).toBe(held);
  });

  it('presence data over 32 MiB is refused, and members that leave free their part', async () => {
    const harness = new SandboxHarness();
    const presence = [{ clientId: 'ada', data: 'x'.repeat(60_000) }];
    const channels = Array.from({ length: 200 }, (_, index) => ({ name: `c${index}`, presence }));
    const create = () => harness.sandbox.createApp({ channels });
    const apps = [create(), create()];
    expect(create).toThrow(/presence data/);
    for (const { appId, keys } of apps) {
      await harness.get(`/apps/${appId}`, basicOf(keys[0]?.keyStr ?? ''), 'DELETE');
      create();
      expect(create).toThrow(/presence data/);
    }
  });

  it('more than 10,000 revocations are refused, because none may be forgotten', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const path = `/keys/${harness.key.keyName}/revokeTokens`;
    const revoke = (round: number) => {
      const targets = Array.from({ length: 100 }, (_, index) => `clientId:${round}-${index}`);
      return harness.post(path, { targets }, { ...harness.basic, 'x-ably-version': '3' });
    };
    const token = await harness.token({ clientId: '0-0' });
    for (let round = 0; round < 100; round += 1) expect(await revoke(round)).toMatchObject({ status: 201 });
    expect(await revoke(100)).toMatchObject({ status: 429, body: { error: { code: 42910 } } });
    const headers = { authorization: `Bearer ${token}` };
    expect(await harness.get('/channels/a/messages', headers)).toMatchObject({
      body: { error: { code: 40141 } },
    });
    await harness.clock.advance(2 * 3_600_000 + 1);
    expect(await revoke(101)).toMatchObject({ status: 201 });
  });

  it.each([
    ['an empty list', { targets: [] }],
    ['101 targets', { targets: Array.from({ length: 101 }, () => 'clientId:a') }],
    ['a number', { targets: [7] }],
    ['a target without end', { targets: [`clientId:${'x'.repeat(3_000)}`] }],
    ['a time to come', { targets: ['clientId:a'], issuedBefore: 4e15 }],
    ['a time long past', { targets: ['clientId:a'], issuedBefore: 0 }],
    ['a time that is text', { targets: ['clientId:a'], issuedBefore: 'now' }],
    ['a margin that is text', { targets: ['clientId:a'], allowReauthMargin: 'yes' }],
  ])('a revocation is refused: %s', async (_title, body) => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const answer = await harness.post(`/keys/${harness.key.keyName}/revokeTokens`, body, harness.basic);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 40003 } } });
  });

  it('a refused revocation has the shape of the protocol version (RSA17c)', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const path = `/keys/${harness.key.keyName}/revokeTokens`;
    const good = { targets: ['clientId:ada'] };
    const mixed = { targets: ['clientId:ada', 'nothing'] };
    const result = {
      target: 'clientId:ada',
      issuedBefore: harness.clock.now(),
      appliesAt: harness.clock.now(),
    };
    const v3 = { ...harness.basic, 'x-ably-version': '3' };
    expect((await harness.post(path, good, harness.basic)).body).toEqual([result]);
    expect((await harness.post(path, good, v3)).body).toEqual({
      successCount: 1,
      failureCount: 0,
      results: [result],
    });
    expect(await harness.post(path, mixed, v3)).toMatchObject({
      status: 201,
      body: { successCount: 1, failureCount: 1, results: [result, { error: { statusCode: 400 } }] },
    });
    expect(await harness.post(path, mixed, harness.basic)).toMatchObject({
      status: 400,
      body: { error: { code: 40020 }, batchResponse: [result, { error: { code: 40003 } }] },
    });
  });
});
