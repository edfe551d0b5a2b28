import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunScript } from '../../../src/sharing/redis/client.js';
import { Encryption } from '../../../src/sharing/redis/encryption.js';
import { RedisStore } from '../../../src/sharing/redis/redis-store.js';
import { LEASE, READ } from '../../../src/sharing/redis/scripts.js';

const NAME = 'a'.repeat(64);
const NOW = '1764000000000000';

const storeOver = (run: RunScript) =>
  new RedisStore(run, new Encryption('a secret of at least 32 characters'), 'latchkey:');

describe('a Redis that answers nonsense', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['a text', 'OK'],
    ['an object', { now: NOW, value: null }],
    ['an empty list', []],
    ['a longer list', [NOW, null, null]],
    ['a time that is none', ['soon', null]],
    ['a time that is too long', ['9'.repeat(400), null]],
    ['a value of another type', [NOW, 7]],
    ['a value that is absent', [NOW, undefined]],
    ['a huge text', [NOW, 'x'.repeat(2_000_000)]],
  ])('%s: each call is rejected', async (_what, answer) => {
    const store = storeOver(async () => answer);
    const fault = 'Redis answered with something else';
    await expect(store.read(NAME)).rejects.toThrow(fault);
    await expect(store.write(NAME, { after: 0, value: 'one', lifeMs: 1_000 })).rejects.toThrow(fault);
    if (answer !== 'OK') await expect(store.lease(NAME, 1_000)).rejects.toThrow(fault);
  });

  it('clients of a process that read in one moment ask Redis once, and a later one asks anew', async () => {
    const run = vi.fn<RunScript>(async () => [NOW, null]);
    const store = storeOver(run);
    const reads = [store.read(NAME), store.read(NAME), store.read('b'.repeat(64))];
    expect(run).toHaveBeenCalledTimes(2);
    await Promise.resolve();
    reads.push(store.read(NAME));
    expect(run).toHaveBeenCalledTimes(3);
    await Promise.all(reads);
  });

  it('a value is decrypted once, and again when another one is stored under the same head', async () => {
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    let stored: string | null = null;
    const store = storeOver(async () => [NOW, stored]);
    await storeOver(async (_script, _key, args) => {
      stored = `1 ${NOW} ${args[5]}`;
      return `1 ${NOW} `;
    }).write(NAME, { after: 0, value: 'one', lifeMs: 1_000 });
    for (let times = 0; times < 3; times += 1) expect(await store.read(NAME)).toMatchObject({ value: 'one' });
    expect(decrypt).toHaveBeenCalledTimes(1);
    stored = `1 ${NOW} bm90IGl0`;
    expect(await store.read(NAME)).toBeNull();
    decrypt.mockRestore();
  });

  it('the head of another epoch is not taken for that of the write', async () => {
    const store = storeOver(async () => `7 ${NOW} `);
    await expect(store.write(NAME, { after: 0, value: 'one', lifeMs: 1_000 })).rejects.toThrow();
    expect(await store.write(NAME, { after: 6, value: 'one', lifeMs: 1_000 })).toBe(true);
  });

  it('an age is never below zero', async () => {
    let stored: string | null = null;
    const store = storeOver(async (script, _key, [, , , , next, value]) => {
      if (script === READ) return [NOW, stored];
      stored = `${next} ${Number(NOW) + 5_000_000} ${value}`;
      return stored.slice(0, stored.lastIndexOf(' ') + 1);
    });
    await store.write(NAME, { after: 0, value: 'one', lifeMs: 1_000 });
    expect(await store.read(NAME)).toEqual({ epoch: 1, value: 'one', ageMs: 0 });
  });
});

describe('times that are sent to Redis', () => {
  it.each([
    [1_500.9, '1500'],
    [Number.POSITIVE_INFINITY, '9007199254740991'],
    [1e21, '9007199254740991'],
    [0.4, '0'],
  ])('%d ms are the text %s', async (ms, text) => {
    const run = vi.fn<RunScript>(async () => null);
    await storeOver(run).lease(NAME, ms);
    expect(run).toHaveBeenCalledWith(LEASE, `latchkey:{${NAME}}:lease`, ['', text, expect.any(String)]);
  });
});

describe('listeners of a name', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A Redis whose value can be changed. */
  function setUp() {
    const state = { head: '', isHanging: false };
    const run = vi.fn<RunScript>(async () => {
      if (state.isHanging) return await new Promise(() => {});
      return [NOW, state.head === '' ? null : state.head];
    });
    return { state, run, store: storeOver(run) };
  }

  it('are told of a new value, all of them by one question, and no more when they are gone', async () => {
    const { state, run, store } = setUp();
    await store.read(NAME);
    const hear = [vi.fn(), vi.fn()];
    const ends = hear.map((one) => store.subscribe(NAME, one));
    run.mockClear();
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(1);
    expect(hear[0]).not.toHaveBeenCalled();
    state.head = `1 ${NOW} x`;
    await vi.advanceTimersByTimeAsync(1_000);
    for (const one of hear) expect(one).toHaveBeenCalledTimes(1);
    for (const end of ends) end();
    run.mockClear();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(run).not.toHaveBeenCalled();
  });

  it('are told when a read of the same process sees the value first', async () => {
    const { state, store } = setUp();
    await store.read(NAME);
    const hear = vi.fn();
    const end = store.subscribe(NAME, hear);
    state.head = `1 ${NOW} x`;
    await store.read(NAME);
    expect(hear).toHaveBeenCalledTimes(1);
    end();
  });

  it('cause a question every five seconds at last, and at once more when another listener comes', async () => {
    const { run, store } = setUp();
    const end = store.subscribe(NAME, () => {});
    await vi.advanceTimersByTimeAsync(600_000);
    run.mockClear();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(run).toHaveBeenCalledTimes(10);
    run.mockClear();
    const endToo = store.subscribe(NAME, () => {});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run.mock.calls.length).toBeGreaterThan(2);
    end();
    endToo();
  });

  it('that come one after the other all the time do not put the question off', async () => {
    const { run, store } = setUp();
    const ends: (() => void)[] = [];
    for (let count = 0; count < 20; count += 1) {
      ends.push(store.subscribe(NAME, () => {}));
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(run.mock.calls.length).toBeGreaterThan(5);
    for (const end of ends) end();
  });

  it('cause one question while Redis hangs', async () => {
    const { state, run, store } = setUp();
    state.isHanging = true;
    const end = store.subscribe(NAME, () => {});
    await vi.advanceTimersByTimeAsync(600_000);
    expect(run).toHaveBeenCalledTimes(1);
    end();
  });

  it('outlive a fault of Redis', async () => {
    const hear = vi.fn();
    let isAway = true;
    const store = storeOver(async () => {
      if (isAway) throw new Error('Redis is away');
      return [NOW, `1 ${NOW} x`];
    });
    const end = store.subscribe(NAME, hear);
    await vi.advanceTimersByTimeAsync(60_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hear).toHaveBeenCalledTimes(1);
    end();
  });

  it('a process remembers a limited number of names', async () => {
    const run = vi.fn<RunScript>(async (script) => (script === READ ? [NOW, null] : null));
    const store = storeOver(run);
    const nameOf = (at: number) => at.toString(16).padStart(64, '0');
    for (let at = 0; at <= 1_000; at += 1) await store.read(nameOf(at));
    run.mockClear();
    await store.lease(nameOf(0), 1_000);
    await store.lease(nameOf(1_000), 1_000);
    expect(run.mock.calls.map(([, , [sent]]) => sent === '')).toEqual([true, false]);
  });
});
