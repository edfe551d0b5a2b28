import { inspect } from 'node:util';
import { createDraft, produce } from 'immer';
import { observable } from 'mobx';
import { createPinia, defineStore } from 'pinia';
import { map } from 'rxjs';
import { proxy as svelteState } from 'svelte/internal/client';
import { get, writable } from 'svelte/store';
import { proxy as valtio } from 'valtio/vanilla';
import { afterEach, describe, expect, it } from 'vitest';
import { isReadonly, reactive, readonly, ref, toRaw } from 'vue';
import { Secret } from '../../../machines/index.js';
import { ablyJs } from '../../../src/connection/ably-js/index.js';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, ErrorInfo, StopRenewing } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { refuse, tokenEndpoint } from '../../../src/server/index.js';
import { fakeConnection, Scenario, scriptedSource, VirtualClock } from '../../../src/testing/index.js';

let stores = 0;
function storeWith<T extends object>(it: T): { it: unknown } {
  stores += 1;
  return defineStore(`store ${stores}`, { state: () => ({ it }) })(createPinia()) as { it: unknown };
}

/** Ways in which an app puts an object behind a Proxy. */
const wraps: readonly [name: string, wrap: <T extends object>(it: T) => T][] = [
  ['a bare Proxy', (it) => new Proxy(it, {})],
  ['a Proxy of a Proxy', (it) => new Proxy(new Proxy(it, {}), {})],
  ["Vue's ref", <T extends object>(it: T) => ref(it).value as T],
  ["Vue's reactive", <T extends object>(it: T) => reactive(it) as T],
  ["Vue's reactive, of what holds it", <T extends object>(it: T) => reactive({ deep: { it } }).deep.it as T],
  ["Vue's readonly", <T extends object>(it: T) => readonly(it) as T],
  ['valtio', <T extends object>(it: T) => valtio({ it }).it as T],
  ['an observable of MobX', <T extends object>(it: T) => observable({ it }).it as T],
  ["MobX's observable.box", <T extends object>(it: T) => observable.box(it).get() as T],
  ['a draft of Immer', <T extends object>(it: T) => createDraft({ it }).it as T],
  ['a state of Immer', <T extends object>(it: T) => produce({ it: {} }, () => ({ it })).it as T],
  ['a store of Pinia', <T extends object>(it: T) => storeWith(it).it as T],
  ["Svelte's $state", <T extends object>(it: T) => svelteState({ it }).it as T],
  ["Svelte's writable", <T extends object>(it: T) => get(writable(it)) as T],
];

const TOKEN = { token: 'a-token-that-is-secret', issued: 0, expires: 8e15, capability: '{"*":["*"]}' };
const KEY = 'app.key:a-key-that-is-secret';
const ends: (() => unknown)[] = [];
const endLater = <T extends { dispose(): unknown }>(it: T): T => {
  ends.push(() => it.dispose());
  return it;
};

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** It reaches no network. */
const offline = {
  fetch: async () => await new Promise<Response>(() => {}),
  fallbackHosts: [],
  httpRequestTimeout: 20_000,
  realtimeRequestTimeout: 20_000,
  logLevel: 'none',
} as const;

const anAuth = () => endLater(new Auth({ authCallback: async () => ({ ...TOKEN }), ...offline }));

function anSdk() {
  return {
    auth: { authorize: async () => {} },
    options: {},
    connection: { state: 'initialized' as const, on() {}, off() {}, connect() {}, close() {} },
  };
}

const signal = new AbortController().signal;
const noop = () => {};

interface Subject {
  readonly make: () => object;
  /** Arguments of methods that take some. */
  readonly calls?: Readonly<Record<string, readonly unknown[]>>;
}

/** What an app can hold, and how each of its methods is called. */
const subjects: Readonly<Record<string, Subject>> = {
  Auth: {
    make: anAuth,
    calls: {
      on: ['state', noop],
      off: ['state', noop],
      require: [{ '*': ['subscribe'] }],
      createTokenRequest: [null, { key: KEY }],
      revokeTokens: [{ type: 'clientId', value: 'ada' }],
      fetch: ['https://example.com/'],
    },
  },
  'Auth with a key': {
    make: () => endLater(new Auth({ key: KEY, ...offline })),
    calls: { on: ['state', noop], off: ['state', noop], fetch: ['/time'] },
  },
  RealtimeConnection: {
    make: () => endLater(new RealtimeConnection({ WebSocket: createSandbox().WebSocket, logLevel: 'none' })),
    calls: {
      onStateChange: [noop],
      onMessage: [noop],
      on: ['connected', noop],
      once: ['connected', noop],
      whenState: ['initialized', noop],
      attach: [noop],
      send: [{ action: 0 }],
      push: [{ type: 'connection.fail', error: new ErrorInfo({ code: 40300, message: 'no' }) }, signal],
    },
  },
  'what ablyJs() returns': {
    make: () => ablyJs(anSdk() as never),
    calls: { attach: [noop], push: [{ type: 'connection.open', token: TOKEN }, signal] },
  },
  'what fakeConnection() returns': {
    make: () => fakeConnection(),
    calls: {
      attach: [noop],
      push: [{ type: 'connection.open', token: TOKEN }, signal],
      setState: ['connected'],
      report: [{ type: 'token.needed' }],
      refuse: [new ErrorInfo({ code: 40140, message: 'no' })],
    },
  },
  VirtualClock: {
    make: () => new VirtualClock(),
    calls: { setTimeout: [noop, 5], clearTimeout: [1], advance: [10], skew: [5], sleep: [5] },
  },
  Scenario: {
    make: () => new Scenario(),
    calls: { sleepFor: [5], skewBy: [5], until: [() => true] },
  },
  'what scriptedSource() returns': {
    make: () => scriptedSource(new VirtualClock()),
    calls: { script: ['succeed'], authCallback: [{}, { signal }] },
  },
  'a sandbox': {
    make: () => endLater(createSandbox()),
    calls: {
      fetch: ['http://localhost/time'],
      setFault: [valtio({ ask: 'a' })],
      subscribe: [noop],
      revokeKey: ['app.key'],
    },
  },
  'a socket of a sandbox': {
    make: () => new (createSandbox().WebSocket)('ws://localhost/?key=a.b:c'),
    calls: { addEventListener: ['open', noop], removeEventListener: ['open', noop], send: ['{}'] },
  },
  ErrorInfo: { make: () => new ErrorInfo({ code: 40170, message: 'no token', cause: new Error('why') }) },
  StopRenewing: { make: () => new StopRenewing('signed out') },
  'what refuse() returns': { make: () => refuse(401) },
  'a token': { make: () => ({ ...TOKEN }) },
};

/** Every name that can be asked for: own ones, and those of the prototypes that are not the platform's. */
function membersOf(it: object): PropertyKey[] {
  const names = new Set<PropertyKey>();
  for (let at: object = it; at !== Object.prototype && at !== Error.prototype; at = Object.getPrototypeOf(at))
    for (const name of Reflect.ownKeys(at)) names.add(name);
  for (const platforms of ['constructor', 'stack', 'prototype']) names.delete(platforms);
  return [...names];
}

/** The kind of what a member gives, or the error: enough to tell an object from its Proxy, which must be the same. */
async function outcomeOf(it: object, name: PropertyKey, given: readonly unknown[]): Promise<unknown> {
  try {
    const member: unknown = Reflect.get(it, name);
    // A class is made with `new`.
    if (typeof member !== 'function' || name === 'WebSocket') return kindOf(member);
    return kindOf(await Reflect.apply(member, it, given));
  } catch (thrown) {
    const { name: kind, message, code } = thrown as { name: string; message: string; code: unknown };
    return { kind, message, code };
  }
}

const UNSETTLED = 'not settled';

/** What waits for the network is not waited for. */
const soon = (outcome: Promise<unknown>, ms: number): Promise<unknown> =>
  Promise.race([outcome, new Promise((resolve) => setTimeout(() => resolve(UNSETTLED), ms))]);

const kindOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.keys(value).sort() : typeof value;

describe.each(wraps)('through %s', (name, wrap) => {
  // Immer freezes a sandbox: that is a plain object with lists.
  it.each(
    Object.entries(subjects).filter(([what]) => !(name === 'a state of Immer' && what === 'a sandbox')),
  )('every member of %s does what it does without', async (_what, subject) => {
    const { make, calls = {} } = subject;
    for (const name of membersOf(make())) {
      const given = typeof name === 'string' ? (calls[name] ?? []) : [];
      const wrapped = outcomeOf(wrap(make()), name, given);
      const plain = await soon(outcomeOf(make(), name, given), 50);
      if (plain !== UNSETTLED) expect(await wrapped, String(name)).toEqual(plain);
      else expect(await soon(wrapped, 0), String(name)).not.toMatchObject({ kind: 'TypeError' });
    }
  });

  it('the streams of a client can be subscribed to and piped', async () => {
    const auth = wrap(anAuth());
    const heard: unknown[] = [];
    const { token$ } = auth;
    wrap(token$).subscribe(({ token }) => heard.push(token));
    wrap(token$.pipe(map(({ expires }) => expires))).subscribe((expires) => heard.push(expires));
    auth.state$.subscribe({ complete: () => heard.push('complete') });
    await expect.poll(() => heard).toEqual([TOKEN.token, TOKEN.expires]);
    auth.dispose();
    expect(heard).toEqual([TOKEN.token, TOKEN.expires, 'complete']);
  });

  it('the streams of a connection can be subscribed to', async () => {
    const connection = wrap(new RealtimeConnection({ WebSocket: createSandbox().WebSocket }));
    const heard: unknown[] = [];
    connection.state$.subscribe((state) => heard.push(state));
    connection.messages$.subscribe({ complete: () => heard.push('complete') });
    connection.connect();
    connection.dispose();
    expect(heard).toEqual(['initialized', 'connecting', 'complete']);
  });

  it('the actor of a client can be watched, and shows no secret', async () => {
    const auth = wrap(anAuth());
    // What is readonly to Vue takes no listener: XState keeps its own in a Set.
    const { actor } = isReadonly(auth) ? toRaw(auth) : auth;
    const states: unknown[] = [];
    const subscription = actor.subscribe(({ value }) => states.push(value));
    await auth.authorize();
    subscription.unsubscribe();
    expect(states).toContain('authorized');
    const snapshot = actor.getSnapshot();
    expect(snapshot.matches('authorized')).toBe(true);
    for (const shown of [JSON.stringify(snapshot), inspect(snapshot), inspect(auth)])
      expect(shown).not.toContain(TOKEN.token);
  });

  it('a box with a secret shows nothing', () => {
    const box = wrap(new Secret(KEY, 'key'));
    for (const shown of [
      String(box),
      JSON.stringify({ box }),
      inspect(box),
      inspect(box, { showHidden: true }),
    ])
      expect(shown).not.toContain(KEY);
  });

  it('a client takes options, clocks, connections and tokens', async () => {
    const clock = wrap(new VirtualClock());
    const source = wrap(scriptedSource(clock, { clientId: 'ada' }));
    const connection = wrap(fakeConnection({ state: 'connected' }));
    const options = wrap({
      authCallback: source.authCallback,
      clock,
      connection,
      defaultTokenParams: { capability: { 'chat:*': ['subscribe'] } },
      logLevel: 'none' as const,
    });
    const auth = endLater(new Auth(options as never));
    const token = await auth.authorize(wrap({ ttl: 60_000, capability: { 'chat:*': ['publish'] } }) as never);
    await auth.authorize(
      null,
      wrap({ tokenDetails: wrap({ ...token }), authCallback: source.authCallback }) as never,
    );
    expect([auth.clientId, auth.state.value, connection.pushes.length]).toEqual(['ada', 'authorized', 2]);
    expect(auth.connection).toBe(options.connection);
  });

  it('a token endpoint takes a client', async () => {
    const auth = wrap(endLater(new Auth(KEY)));
    const endpoint = tokenEndpoint(
      wrap({
        auth,
        grant: () => wrap({ clientId: 'ada', capability: { 'chat:*': ['subscribe'] } }),
      }) as never,
    );
    const response = await endpoint(new Request('https://example.com/token'));
    expect(response.status).toBe(200);
  });
});

it('what makes a client work through a Proxy is not shown by it', () => {
  const auth = anAuth();
  expect([Object.keys(auth), JSON.stringify(auth), inspect(auth)]).toEqual([
    [],
    '{"clientId":null,"state":"idle"}',
    'Auth {}',
  ]);
  expect(() => structuredClone(auth)).not.toThrow();
});
