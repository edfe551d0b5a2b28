import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type ClientOptions } from '../../src/index.js';
import { scriptsOf } from '../../src/sharing/redis/client.js';
import { Encryption, type RedisSecret } from '../../src/sharing/redis/encryption.js';
import { redisSharing } from '../../src/sharing/redis/index.js';
import { RedisStore } from '../../src/sharing/redis/redis-store.js';
import { sharingContract } from '../../src/testing/index.js';
import { type Connected, clients, clusterClients, startCluster } from './redis-clients.js';
import { RedisServer } from './redis-server.js';

const SECRET = 'a secret of at least 32 characters';
const OTHER = 'another secret, which is as long as that';
const NAME = 'a'.repeat(64);
const LIFE = { lifeMs: 60_000 };

const storeOf = (client: unknown, secret: RedisSecret | readonly RedisSecret[] = SECRET) =>
  new RedisStore(scriptsOf(client), new Encryption(secret), 'latchkey:');

const valueKey = (name = NAME) => `latchkey:{${name}}:value`;
const leaseKey = (name = NAME) => `latchkey:{${name}}:lease`;

let server: RedisServer;
let connected: Connected;

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server?.stop());

async function connectTo(all: typeof clients, name: string, to = server): Promise<Connected> {
  const made = await all[name]?.(to.port);
  if (made === undefined) throw new Error(`unknown client ${name}`);
  onTestFinished(async () => void (await made.close()));
  return made;
}

const connect = (name = 'redis 6') => connectTo(clients, name);

describe('promise 10: a store over Redis', () => {
  const open = async () => storeOf((await connect()).client);
  for (const { title, run } of sharingContract(() => ({ open }))) it(title, run);
});

describe.each(Object.keys(clients))('a store over the client %s', (name) => {
  beforeEach(async () => {
    connected = await connect(name);
    await connected.send('', 'FLUSHALL');
  });

  it('a value is read with its epoch and age, and written only after the epoch that was read', async () => {
    const store = storeOf(connected.client);
    expect(await store.read(NAME)).toBeNull();
    expect(await store.write(NAME, { after: 3, value: 'too far', ...LIFE })).toBe(false);
    expect(await store.write(NAME, { after: 0, value: 'öne', ...LIFE })).toBe(true);
    expect(await store.read(NAME)).toEqual({ epoch: 1, value: 'öne', ageMs: expect.any(Number) });
    expect(await store.write(NAME, { after: 0, value: 'late', ...LIFE })).toBe(false);
    expect(await storeOf(connected.client).write(NAME, { after: 1, value: 'two', ...LIFE })).toBe(true);
    expect(await store.write(NAME, { after: 1, value: 'late', ...LIFE })).toBe(false);
    expect(await store.read(NAME)).toMatchObject({ epoch: 2, value: 'two' });
  });

  it('one member has the lease, and only its owner gives it back', async () => {
    const [one, two] = [storeOf(connected.client), storeOf((await connect(name)).client)];
    const release = await one.lease(NAME, 60_000);
    expect(await two.lease(NAME, 60_000)).toBeNull();
    await release?.();
    expect(await two.lease(NAME, 60_000)).not.toBeNull();
    await release?.();
    expect(await one.lease(NAME, 60_000)).toBeNull();
  });

  it('values and leases expire in Redis, and no value can be read there', async () => {
    const store = storeOf(connected.client);
    await store.write(NAME, { after: 0, value: 'a token', lifeMs: 40_000.7 });
    await store.lease(NAME, 11_000);
    for (const key of [valueKey(), leaseKey()]) {
      const left = Number(await connected.send(key, 'PTTL', key));
      expect(left).toBeGreaterThan(1);
      expect(left).toBeLessThanOrEqual(key === valueKey() ? 40_000 : 11_000);
    }
    expect(await connected.send('', 'DBSIZE')).toBe(2);
    expect(String(await connected.send(valueKey(), 'GET', valueKey()))).not.toContain('token');
  });

  it('a listener hears of a write of another process', async () => {
    const hear = vi.fn();
    const store = storeOf(connected.client);
    await store.read(NAME);
    const unsubscribe = store.subscribe(NAME, hear);
    await storeOf((await connect(name)).client).write(NAME, { after: 0, value: 'one', ...LIFE });
    await vi.waitFor(() => expect(hear).toHaveBeenCalled(), 10_000);
    unsubscribe();
  });

  it('adds no listener to the client', async () => {
    const { client } = connected as unknown as { client: import('node:events').EventEmitter };
    const count = () => client.eventNames().map((event) => [String(event), client.listenerCount(event)]);
    const before = count();
    redisSharing(connected.client, { secret: SECRET });
    const store = storeOf(connected.client);
    await store.write(NAME, { after: 0, value: 'one', ...LIFE });
    store.subscribe(NAME, () => {})();
    expect(count()).toEqual(before);
  });
});

describe('a cluster', () => {
  let servers: readonly RedisServer[];
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(() => Promise.all((servers ?? []).map((one) => one.stop())));

  it.each(Object.keys(clusterClients))(
    'names are in slots of both servers for the client %s',
    async (name) => {
      const { client, send } = await connectTo(clusterClients, name, servers[0]);
      const store = storeOf(client);
      const slots = new Set<boolean>();
      for (const letter of '0123456789abcdef') {
        const one = `${letter}${name.replace(/\D/g, '')}`.padEnd(64, '0');
        const [ofValue, ofLease] = await Promise.all(
          [valueKey(one), leaseKey(one)].map((key) => send(key, 'CLUSTER', 'KEYSLOT', key)),
        );
        expect(ofLease).toBe(ofValue);
        slots.add(Number(ofValue) < 8_192);
        await store.read(one);
        await store.write(one, { after: 0, value: letter, ...LIFE });
        expect(await store.read(one)).toMatchObject({ epoch: 1, value: letter });
        const release = await store.lease(one, 60_000);
        expect(await store.lease(one, 60_000)).toBeNull();
        await release?.();
      }
      expect(slots.size).toBe(2);
    },
  );
});

describe('what stands in Redis', () => {
  beforeEach(async () => {
    connected = await connect();
    await connected.send('', 'FLUSHALL');
  });
  const put = (text: string) => connected.send('', 'SET', valueKey(), text);
  const stored = async () => String(await connected.send('', 'GET', valueKey()));

  it('a client that returns bytes and a client with callbacks can be used', async () => {
    const { createClient, RESP_TYPES } = await import('redis');
    const bytes = createClient({
      url: server.url,
      commandOptions: {
        typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer },
      },
    });
    const legacy = (await import('redis-4')).createClient({ url: server.url, legacyMode: true });
    await Promise.all([bytes.connect(), legacy.connect()]);
    onTestFinished(async () => {
      bytes.destroy();
      await legacy.disconnect();
    });
    for (const [after, client] of [bytes, legacy].entries()) {
      const store = storeOf(client);
      expect((await store.read(NAME))?.epoch ?? 0).toBe(after);
      expect(await store.write(NAME, { after, value: 'one', ...LIFE })).toBe(true);
      expect(await store.lease(`${after}`.repeat(64), 1_000)).not.toBeNull();
    }
  });

  it('a value that was moved to another name, or repeated as another epoch, is not there', async () => {
    const store = storeOf(connected.client);
    await store.write(NAME, { after: 0, value: 'one', ...LIFE });
    const text = await stored();
    const other = 'b'.repeat(64);
    await connected.send('', 'SET', valueKey(other), text);
    expect(await store.read(other)).toBeNull();
    await put(text.replace(/^1/, '2'));
    expect(await store.read(NAME)).toBeNull();
    await put(text);
    expect(await store.read(NAME)).toMatchObject({ value: 'one' });
    await put(text.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/=(.)$/, '$1'));
    expect(await store.read(NAME)).toBeNull();
  });

  it.each([
    'hello',
    '',
    '7 1764000000000000 aGVsbG8=',
    '0 1 x',
    `${'9'.repeat(40)} ${'9'.repeat(40)} x`,
    '7 x',
    '\u00007 8 x',
    '-3 5 x',
  ])('a value that cannot be decrypted is replaced by the next write: %j', async (text) => {
    const store = storeOf(connected.client);
    await put(text);
    expect(await store.read(NAME)).toBeNull();
    expect(await store.write(NAME, { after: 0, value: 'one', ...LIFE })).toBe(true);
    expect(await store.read(NAME)).toMatchObject({ epoch: 1, value: 'one' });
  });

  it('a value that cannot be decrypted is not replaced if another one was written meanwhile', async () => {
    const [store, other] = [storeOf(connected.client), storeOf(connected.client, OTHER)];
    await other.write(NAME, { after: 0, value: 'one', ...LIFE });
    expect(await store.read(NAME)).toBeNull();
    await other.write(NAME, { after: 1, value: 'two', ...LIFE });
    expect(await store.write(NAME, { after: 0, value: 'late', ...LIFE })).toBe(false);
    expect(await other.read(NAME)).toMatchObject({ epoch: 2, value: 'two' });
  });

  it('with a list of secrets, the first encrypts and all decrypt', async () => {
    const bytes = new Uint8Array(32).fill(7);
    const [old, both, next] = [[SECRET], [bytes, SECRET], [bytes]].map((all) =>
      storeOf(connected.client, all),
    );
    await old?.write(NAME, { after: 0, value: 'one', ...LIFE });
    expect(await next?.read(NAME)).toBeNull();
    expect(await both?.read(NAME)).toMatchObject({ value: 'one' });
    await both?.write(NAME, { after: 1, value: 'two', ...LIFE });
    expect(await next?.read(NAME)).toMatchObject({ epoch: 2, value: 'two' });
    expect(await old?.read(NAME)).toBeNull();
  });

  it('each write has its own nonce', async () => {
    const seen = new Set<string | undefined>();
    for (let after = 0; after < 20; after += 1) {
      await storeOf(connected.client).write(NAME, { after, value: 'same', ...LIFE });
      seen.add((await stored()).split(' ')[2]?.slice(0, 16));
    }
    expect(seen.size).toBe(20);
  });

  it('a key of another type, and a value longer than any, are faults', async () => {
    const store = storeOf(connected.client);
    await connected.send('', 'HSET', valueKey(), 'a', 'b');
    await connected.send('', 'HSET', leaseKey(), 'a', 'b');
    await expect(store.read(NAME)).rejects.toThrow('WRONGTYPE');
    await expect(store.write(NAME, { after: 0, value: 'one', ...LIFE })).rejects.toThrow('WRONGTYPE');
    await put('x'.repeat(2_000_000));
    await expect(store.read(NAME)).rejects.toThrow('longer than any');
  });

  it('the longest value passes', async () => {
    const store = storeOf(connected.client);
    const value = '\u20ac'.repeat(262_144);
    expect(await store.write(NAME, { after: 0, value, ...LIFE })).toBe(true);
    expect((await store.read(NAME))?.value === value).toBe(true);
  });

  it('a value that expired between the read and the write was not replaced', async () => {
    const store = storeOf(connected.client);
    await store.write(NAME, { after: 0, value: 'one', lifeMs: 100 });
    expect(await store.read(NAME)).toMatchObject({ epoch: 1 });
    await vi.waitFor(async () => expect(await stored()).toBe('null'));
    expect(await store.write(NAME, { after: 1, value: 'two', ...LIFE })).toBe(true);
    expect(await store.read(NAME)).toMatchObject({ epoch: 2, value: 'two' });
  });

  it('after Redis lost its data, a write after the epoch of another value is refused', async () => {
    const [store, other] = [storeOf(connected.client), storeOf(connected.client)];
    await store.write(NAME, { after: 0, value: 'one', ...LIFE });
    await store.read(NAME);
    await connected.send('', 'FLUSHALL');
    await other.write(NAME, { after: 0, value: 'another', ...LIFE });
    expect(await store.write(NAME, { after: 1, value: 'late', ...LIFE })).toBe(false);
    expect(await store.read(NAME)).toMatchObject({ epoch: 1, value: 'another' });
  });

  it('commands that Redis executes late count from when they were sent', async () => {
    const store = storeOf(connected.client);
    const names = [NAME, 'b'.repeat(64), 'c'.repeat(64)] as const;
    for (const one of names) await store.read(one);
    server.pause();
    const write = store.write(names[0], { after: 0, value: 'long', ...LIFE });
    const late = store.write(names[1], { after: 0, value: 'short', lifeMs: 1_000 });
    const lease = store.lease(names[2], 1_000);
    late.catch(() => {});
    await sleep(1_500);
    server.continue();
    expect(await write).toBe(true);
    expect((await store.read(names[0]))?.ageMs).toBeGreaterThanOrEqual(1_400);
    await expect(late).rejects.toThrow('after the life of its value');
    expect(await store.read(names[1])).toBeNull();
    expect(await lease).toBeNull();
  });
});

describe('clients that share over Redis', () => {
  beforeEach(async () => {
    connected = await connect();
    await connected.send('', 'FLUSHALL');
  });

  function setUp() {
    let count = 0;
    const source = vi.fn(async () => {
      await sleep(50);
      count += 1;
      return { token: `token ${count}`, issued: Date.now(), expires: Date.now() + 60_000 };
    });
    const log: string[] = [];
    const member = (client: Connected['client'], more: Partial<ClientOptions> = {}) => {
      const auth = new Auth({
        authCallback: source,
        sharing: redisSharing(client, { session: () => 'ada', secret: SECRET }),
        logHandler: (line: string, level: string) => void (level === 'warn' && log.push(line)),
        ...more,
      } as ClientOptions);
      onTestFinished(() => auth.dispose());
      return auth;
    };
    return { source, member, log };
  }

  it('members with different packages ask the source once', async () => {
    const { source, member, log } = setUp();
    const all = await Promise.all(Object.keys(clients).map((name) => connect(name)));
    const tokens = await Promise.all(all.map(({ client }) => member(client).getToken()));
    expect(new Set(tokens.map(({ token }) => token))).toEqual(new Set(['token 1']));
    expect(source).toHaveBeenCalledTimes(1);
    expect(log).toEqual([]);
  });

  it('a member that signs out everywhere signs out the others', async () => {
    const { member } = setUp();
    const [one, two] = [member(connected.client), member((await connect('ioredis 6')).client)];
    await Promise.all([one.getToken(), two.getToken()]);
    await one.forget({ everywhere: true });
    await two.whenState('idle');
    expect(two.tokenDetails).toBeNull();
  });

  it('without Redis each client asks for itself, and says so once', async () => {
    const { source, member, log } = setUp();
    const own = await RedisServer.start();
    onTestFinished(() => own.stop());
    const gone = await Promise.all(['redis 6', 'ioredis 6'].map((name) => connectTo(clients, name, own)));
    await own.kill();
    const members = gone.map(({ client }) => member(client));
    for (let round = 0; round < 2; round += 1) await Promise.all(members.map((auth) => auth.authorize()));
    expect(source).toHaveBeenCalledTimes(4);
    expect(log).toHaveLength(2);
    for (const line of log) {
      expect(line).toContain('the store of shared tokens failed');
      expect(line).not.toMatch(/ada|a{64}|secret of at least/);
    }
  });
});
