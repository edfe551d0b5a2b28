import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions } from '../../../src/index.js';
import * as sharing from '../../../src/sharing/index.js';
import { fakeConnection, scriptedSource, sharingContract, VirtualClock } from '../../../src/testing/index.js';
import { root } from '../../kit/imports.js';
import { memoryStore } from '../../kit/memory-store.js';

const page = readFileSync(join(root, 'docs/guide/sharing.md'), 'utf8');
const session = () => 'ada';

function setUp() {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  const source = scriptedSource(clock, { ttl: 60_000, latency: 20 });
  const member = (port: sharing.SharingPort | null = store.port, more: ClientOptions = {}) =>
    new Auth({
      ...{ clock, random: () => 0.5, authCallback: source.authCallback },
      ...{ sharing: sharing.shareTokens(port, { session }), ...more },
    });
  return { clock, store, source, member };
}

describe('the promises of sharing', () => {
  it('promise 2: the lease is held while the source is asked, and not while the connection answers', async () => {
    const { clock, store, member } = setUp();
    const connection = fakeConnection({ autoAccept: false });
    const auth = member(store.port, { connection });
    const got = auth.authorize();
    await clock.advance(10);
    expect(store.leases.size).toBe(1);
    await clock.advance(50);
    expect(store.leases.size).toBe(0);
    expect(auth.tokenDetails).toBe(null);
    connection.accept();
    await expect(got).resolves.toMatchObject({ token: expect.any(String) });
    auth.dispose();
  });

  it('promise 3: a member that gets the lease looks again before it asks the source', async () => {
    const { clock, store, source, member } = setUp();
    const [one, other] = [member(), member({ ...store.port, lease: late })];
    // The first member writes between the look of the other and its lease.
    async function late(name: string, ms: number) {
      await one.getToken();
      return await store.port.lease(name, ms);
    }
    const got = other.getToken();
    await clock.advance(500);
    expect((await got).token).toBe(one.tokenDetails?.token);
    expect(source.calls).toBe(1);
    for (const auth of [one, other]) auth.dispose();
  });

  it('promise 5: one asks the source, and each upgrades its own connection in place', async () => {
    const { clock, store, source, member } = setUp();
    const connections = [1, 2, 3].map(() => fakeConnection());
    const members = connections.map((connection) => member(store.port, { connection }));
    for (const auth of members) auth.authorize();
    await clock.advance(61_000);
    expect(source.calls).toBe(2);
    for (const { pushes } of connections)
      expect(pushes.map(({ type }) => type)).toEqual(['connection.open', 'connection.upgrade']);
    for (const auth of members) auth.dispose();
  });

  it('promise 7: a name is a hash, and a value is a token with its age and nothing else', async () => {
    const { clock, store, member } = setUp();
    const auth = member();
    auth.getToken();
    await clock.advance(100);
    const tokens = [...store.values].map(([name, { value }]) => {
      expect(name).toMatch(/^[\da-f]{64}$/);
      return JSON.parse(value) as Record<string, object>;
    });
    expect(tokens.map((value) => Object.keys(value).sort())).toEqual([['age', 'details', 'format']]);
    expect(tokens[0]?.details).toEqual(auth.tokenDetails);
    auth.dispose();
  });

  it('promise 8: without a store, a client asks for itself; with one, it has no lease at rest', async () => {
    const { clock, store, source, member } = setUp();
    const members = [member(null), member(null), member()];
    for (const auth of members) auth.token$.subscribe();
    await clock.advance(1_000);
    expect(source.calls).toBe(3);
    expect(store.leases.size).toBe(0);
    for (const auth of members) auth.dispose();
  });

  describe('promise 10: the store in the guide keeps the contract', () => {
    const harness = () => {
      const store = new ProcessStore();
      return { open: () => store };
    };
    const code = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].find(([, each]) =>
      each?.includes('class ProcessStore'),
    );
    const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
    const exported: { ProcessStore?: new () => sharing.SharingPort } = {};
    const text = (code?.[1] ?? '').replace(/const sharing = [\s\S]*/, 'export { ProcessStore };');
    new Function('require', 'exports', ts.transpile(text, options))(() => sharing, exported);
    const { ProcessStore } = exported as Required<typeof exported>;

    for (const { title, run } of sharingContract(harness)) it(title, run);
  });

  it('each of the ten promises in the guide has a test with its number', () => {
    const rows = [...page.matchAll(/^\| (\d+)\. .* \| `(.+)`: (promise \d+) \|$/gm)];
    expect(rows.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const [, number, file = '', title] of rows) {
      expect(title).toBe(`promise ${number}`);
      const text = readFileSync(join(root, 'test/behaviour/sharing', file), 'utf8');
      expect(text, file).toMatch(new RegExp(`(it|it\\.each\\(\\w+\\)|describe)\\(\\s*'${title}: `));
    }
  });
});
