import { describe, expect, it, vi } from 'vitest';
import { isErrorInfo } from '../../../src/index.js';
import { scriptsOf } from '../../../src/sharing/redis/client.js';
import {
  type RedisClient,
  type RedisSharingOptions,
  redisSharing,
} from '../../../src/sharing/redis/index.js';

const SECRET = 'a secret of at least 32 characters';

const withMethods = (names: string, more: object = {}): RedisClient =>
  Object.assign(Object.fromEntries(names.split(' ').map((name) => [name, async () => null])), more) as never;

const ioRedis = withMethods('eval call expiretime connect', { status: 'ready', isCluster: false });

class SomeClient {
  send() {}
}

const refusal = (call: () => unknown): unknown => {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
};

describe('a client of Redis', () => {
  it.each<[string, RedisClient]>([
    ['ioredis', ioRedis],
    ['redis', withMethods('eval EVAL sendCommand connect')],
    ['a cluster of redis', withMethods('eval EVAL sendCommand connect', { masters: [], slots: [] })],
  ])('of the package %s is known by its shape', (_name, client) => {
    expect(redisSharing(client, { secret: SECRET })).toHaveProperty('addMember');
  });

  it('of a cluster of redis is told the key, because version 4 does not find it in a script', async () => {
    const sendCommand = vi.fn(async () => 'done');
    const client = { ...withMethods('eval EVAL connect'), masters: [], sendCommand };
    expect(await scriptsOf(client)('return 1', 'the key', ['one'])).toBe('done');
    expect(sendCommand).toHaveBeenCalledWith('the key', false, ['EVAL', 'return 1', '1', 'the key', 'one']);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'of ioredis 4',
      withMethods('eval call sendCommand send_command connect', { status: 'ready' }),
      /client is of ioredis 4 or older.*Install ioredis 5 or 6/,
    ],
    [
      'of redis 3',
      withMethods('eval EVAL sendCommand send_command internal_send_command'),
      /client is of redis 3 or older.*Install redis 4, 5 or 6/,
    ],
    [
      'of legacy() of redis',
      withMethods('eval EVAL sendCommand'),
      /client has callbacks and no promises.*not client\.legacy\(\)/,
    ],
    ['that is still a Promise', Promise.resolve(ioRedis), /client is a Promise.*await client\.connect\(\)/],
    ['that is an address', 'redis://localhost', /client is string, which is not known.*redis 4, 5 or 6/],
    ['that is absent', undefined, /client is undefined/],
    ['null', null, /client is null/],
    ['of another package', new SomeClient(), /client is of the class SomeClient.*latchkey\/sharing/],
    ['without a class', Object.create(null), /client is an object/],
    [
      'that throws when it is read',
      new Proxy(
        {},
        {
          get() {
            throw new Error('not this one');
          },
        },
      ),
      /client is an object/,
    ],
  ])('%s is refused with what to do', (_name, client, message) => {
    const error = refusal(() => redisSharing(client as RedisClient, { secret: SECRET }));
    expect(isErrorInfo(error) && error.code).toBe(40003);
    expect(String(error)).toMatch(message);
  });
});

describe('the options of redisSharing', () => {
  it.each<[string, object | undefined, RegExp]>([
    ['none', undefined, /secret is undefined, not a text of at least 32 characters, or 32 bytes/],
    ['a short secret', { secret: 'short' }, /secret has 5 characters, and must have at least 32.*openssl/],
    ['short bytes', { secret: new Uint8Array(16) }, /secret has 16 bytes, and must have at least 32/],
    ['a secret of another kind', { secret: 7 }, /secret is 7, not a text/],
    ['an empty list', { secret: [] }, /secret is an empty list/],
    ['a list with a bad one', { secret: [SECRET, ''] }, /secret\[1] has 0 characters/],
    ['a prefix that is no text', { secret: SECRET, prefix: 5 }, /prefix is 5, not a text/],
    ['a prefix with braces', { secret: SECRET, prefix: '{app}:' }, /prefix must not contain braces/],
    ['an unknown name', { secrets: SECRET }, /unknown option "secrets".*Did you mean "secret"\?/],
    ['a session that is not a function', { secret: SECRET, session: 'ada' }, /session is a string/],
    ['a source that is no text', { secret: SECRET, source: 5 }, /source is 5, not a text/],
  ])('%s: a clear error', (_name, options, message) => {
    const error = refusal(() => redisSharing(ioRedis, options as RedisSharingOptions));
    expect(isErrorInfo(error) && error.code).toBe(40003);
    expect(String(error)).toMatch(message);
    expect(JSON.stringify(error)).not.toContain(SECRET);
  });

  it('a secret can be bytes, which the application may clear afterwards', () => {
    const secret = new Uint8Array(32).fill(1);
    expect(redisSharing(ioRedis, { secret: [secret, SECRET], session: () => null })).toBeDefined();
  });
});
