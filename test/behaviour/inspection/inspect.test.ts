import { inspect as show } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { createActor, createMachine } from 'xstate';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { inspector, redacted } from '../../../src/inspect.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { Secret } from '../../../src/token/secret.js';

const SECRET = 'xVLyHw.A1b2C3:Vn3Qk9_Yp2LwZ8rT4mBc6XdE1fG5hJ7';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const stop of undo.splice(0)) stop();
});

/** A session of a client with an inspector: token, renewal, an error with a secret, refusal, reconnection. */
async function life(inspect: (event: InspectionEvent) => void) {
  const sandbox = createSandbox();
  const [key] = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys;
  const keyStr = key?.keyStr ?? '';
  const secrets = [keyStr, key?.keySecret ?? ''];
  const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket, inspect });
  const signer = new Auth(keyStr);
  const auth = new Auth({
    authCallback: async (params) => {
      const request = await signer.createTokenRequest(params);
      secrets.push(request.mac, request.nonce);
      return request;
    },
    fetch: sandbox.fetch,
    connection,
    inspect,
  });
  undo.push(
    () => auth.dispose(),
    () => connection.dispose(),
    () => void sandbox.dispose(),
  );
  const keep = async () => secrets.push((await auth.getToken()).token);
  await auth.authorize();
  await keep();
  await auth.authorize();
  await keep();
  await auth
    .authorize(null, {
      authCallback: async () => {
        throw new ErrorInfo({ code: 40170, message: `bad key ${keyStr}`, cause: new Error(keyStr) });
      },
    })
    .catch(() => {});
  sandbox.revokeTokens();
  await new Promise<void>((resolve) => auth.on('authorized', () => resolve()));
  await keep();
  return { auth, secrets };
}

const textOf = (value: unknown) =>
  show(value, { depth: 12, showHidden: false, maxStringLength: null, maxArrayLength: null });

describe('an inspector', () => {
  it('an inspector receives no key, token, mac or nonce: not in the event, the actor, its parent or its snapshot', async () => {
    const seen: string[] = [];
    const types = new Set<string>();
    const { secrets } = await life((event) => {
      types.add(event.type);
      seen.push(textOf(event), textOf(event.actorRef.getSnapshot()), JSON.stringify(event));
      structuredClone({ ...event, actorRef: null, sourceRef: null });
      structuredClone((event.actorRef as { logic?: unknown }).logic);
    });
    expect([...types].sort()).toEqual([
      '@xstate.action',
      '@xstate.actor',
      '@xstate.event',
      '@xstate.microstep',
      '@xstate.snapshot',
    ]);
    expect(secrets.length).toBeGreaterThan(8);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    }
    expect(seen.join('')).toContain('bad key […]');
  });

  it('the first event of an inspector is the actor of the client, before anything runs', async () => {
    const first: string[] = [];
    const inspect = ({ type, actorRef }: { type: string; actorRef: unknown }) =>
      first.push(`${type} ${(actorRef as { readonly id: string }).id}`);
    const auth = new Auth({ authCallback: async () => 'a-token', inspect });
    await auth.getToken();
    await vi.waitUntil(() => first.length > 0);
    expect(first[0]).toBe('@xstate.actor auth');
    auth.dispose();
  });

  it('an inspector receives named actors, the same view for the same actor', async () => {
    const actors = new Map<string, unknown>();
    await life(({ actorRef }) => {
      const { id, sessionId } = actorRef as unknown as Record<string, string>;
      const key = `${id} ${sessionId}`;
      expect(actors.get(key) ?? actorRef).toBe(actorRef);
      actors.set(key, actorRef);
    });
    const named = [...actors.values()] as { id: string; systemId: string }[];
    const names = new Set(named.map(({ id, systemId }) => `${id} ${systemId}`));
    expect([...names].sort()).toEqual([
      'acquisition acquisition',
      'auth auth',
      'connection connection',
      'transport transport',
    ]);
  });

  it('an inspector can be an observer or a function, and may throw', async () => {
    const types: string[] = [];
    const auth = new Auth({
      authCallback: async () => 'a-token',
      inspect: {
        next: ({ type }) => {
          types.push(type);
          throw new Error('the inspector is broken');
        },
      },
    });
    undo.push(() => auth.dispose());
    await auth.authorize();
    expect(types.length).toBeGreaterThan(5);
  });

  it('an inspector can be added at any time, to an actor of any machine', async () => {
    const machine = createMachine({
      context: { token: 'in-the-open' },
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: {} },
    });
    const actor = createActor(machine).start();
    const seen: unknown[] = [];
    actor.system.inspect(inspector((event) => seen.push(JSON.parse(JSON.stringify(event)))));
    actor.send({ type: 'go', mac: 'short' } as never);
    expect(seen).toContainEqual(
      expect.objectContaining({
        type: '@xstate.snapshot',
        event: { type: 'go', mac: '[mac]' },
        snapshot: expect.objectContaining({ value: 'b', context: { token: '[token]' } }),
      }),
    );
    expect(JSON.stringify(seen)).not.toContain('in-the-open');
  });

  it('an inspector receives transitions with the names of states', async () => {
    const taken: unknown[] = [];
    await life((event) => {
      if (event.type === '@xstate.microstep' && 'id' in event.actorRef && event.actorRef.id === 'auth')
        taken.push(...event._transitions);
    });
    expect(taken).toContainEqual(
      expect.objectContaining({
        eventType: 'authorize',
        source: { id: 'auth', key: 'auth' },
        target: [expect.objectContaining({ id: 'auth.requesting' })],
      }),
    );
  });

  it('an inspector receives the steps of an acquisition as events with their durations', async () => {
    const clock = new VirtualClock();
    const steps: unknown[] = [];
    const auth = new Auth({
      clock,
      authCallback: () =>
        new Promise((resolve) => void clock.setTimeout(() => resolve('a-token-of-no-known-life'), 120)),
      inspect: (event) => {
        if (event.type !== '@xstate.event' || !('id' in event.actorRef)) return;
        if (event.event.type.startsWith('acquisition.')) steps.push([event.actorRef.id, event.event]);
      },
    });
    undo.push(() => auth.dispose());
    const token = auth.authorize();
    await clock.advance(120);
    await token;
    const step = (name: string, previousMs: number | null) => [
      'auth',
      { type: 'acquisition.step', step: name, generation: 1, previousMs },
    ];
    expect(steps).toEqual([step('asking', null), step('presenting', 120), step('over', 0)]);
  });

  it('an inspector receives the chart of a machine, without its initial context and its functions', () => {
    const machine = createMachine({
      id: 'mine',
      context: { token: 'in-the-open' },
      initial: 'waitingForSomebodyElse',
      states: {
        waitingForSomebodyElse: {
          entry: [{ type: 'greet', params: { apiKey: 'in-the-open', name: 'ada' } }, () => {}],
          on: { input: { target: 'context', guard: { type: 'isAllowed', params: { mac: 'in-the-open' } } } },
          meta: { secret: 'in-the-open', title: 'waits' },
        },
        context: { invoke: { src: 'listen', input: { token: 'in-the-open' }, onDone: 'context' } },
      },
    });
    const actor = createActor(machine);
    const seen: unknown[] = [];
    actor.system.inspect(inspector((event) => seen.push(event.actorRef)));
    actor.start();
    expect((seen[0] as { logic: { config: unknown } }).logic.config).toEqual({
      id: 'mine',
      initial: 'waitingForSomebodyElse',
      states: {
        waitingForSomebodyElse: {
          entry: [{ type: 'greet', params: { apiKey: '[apiKey]', name: 'ada' } }],
          on: { input: { target: 'context', guard: { type: 'isAllowed', params: { mac: '[mac]' } } } },
          meta: { secret: '[secret]', title: 'waits' },
        },
        context: { invoke: { src: 'listen', input: { token: '[token]' }, onDone: 'context' } },
      },
    });
  });
});

describe('a redacted copy', () => {
  class Vault {
    readonly content = SECRET;
  }
  const circle: Record<string, unknown> = { name: 'a' };
  circle.self = circle;

  it.each<[string, unknown, unknown]>([
    ['a box', { token: new Secret(SECRET, 'token') }, { token: '[token]' }],
    [
      'a secret name',
      { accessToken: 'x', Key: 'y', nonce: 'z' },
      { accessToken: '[accessToken]', Key: '[Key]', nonce: '[nonce]' },
    ],
    ['a secret inside a text', { message: `no: ${SECRET}!` }, { message: 'no: […]!' }],
    ['plain things', { a: [1, true, null], b: 'auth.renewing' }, { a: [1, true, null], b: 'auth.renewing' }],
    ['functions and symbols', { f: () => SECRET, s: Symbol(SECRET), x: 1 }, { x: 1 }],
    ['a class', { vault: new Vault() }, { vault: '[Vault]' }],
    ['a circle', circle, { name: 'a', self: '[…]' }],
    ['maps and sets', { m: new Map([['mac', SECRET]]), s: new Set([1]) }, { m: { mac: '[mac]' }, s: [1] }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a big number', 10n, '10'],
    [
      'an error, with what hangs on it',
      Object.assign(new Error(SECRET), { request: SECRET }),
      { name: 'Error', message: '[…]' },
    ],
    [
      'an ErrorInfo and its cause',
      new ErrorInfo({
        code: 40142,
        message: 'expired',
        remediation: 'wait',
        cause: new Error(`with ${SECRET}`),
      }),
      {
        name: 'ErrorInfo',
        code: 40142,
        statusCode: 401,
        message: 'expired',
        origin: 'latchkey',
        remediation: 'wait',
        href: 'https://ably.com/docs/platform/errors/codes/40142-token-expired',
        cause: { name: 'Error', message: 'with […]' },
      },
    ],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error(SECRET);
        },
      }),
      '[…]',
    ],
  ])('a redacted copy of %s', (_what, value, copy) => {
    expect(redacted(value)).toEqual(copy);
  });

  const hidden = 'hunter2';
  it.each<[string, unknown, unknown]>([
    ['bytes', { sent: Buffer.from(hidden) }, { sent: '[Buffer]' }],
    ['more bytes', { sent: new TextEncoder().encode(hidden) }, { sent: '[Uint8Array]' }],
    ['a name that is a secret', { [SECRET]: 1 }, { '[…]': 1 }],
    ['a key that is a secret', new Map([[SECRET, 1]]), { '[…]': 1 }],
    ['a symbol as a key', new Map([[Symbol(hidden), 1]]), { '[symbol]': 1 }],
    ['an object as a key', new Map([[{ toString: () => hidden }, 1]]), { '[object]': 1 }],
    [
      'a date that says more',
      Object.assign(new Date(0), { toJSON: () => hidden }),
      '1970-01-01T00:00:00.000Z',
    ],
    ['a class named as one', { it: new { [SECRET]: class {} }[SECRET]() }, { it: '[[…]]' }],
    ['a list under such a name', { token: [hidden, [hidden]] }, { token: ['[token]', ['[token]']] }],
    ['a set under such a name', { tokens: new Set([hidden]) }, { tokens: ['[tokens]'] }],
    ['what it says of itself under such a name', { token: { toJSON: () => hidden } }, { token: '[token]' }],
    ['a number under such a name', { nonce: 1234567890123456 }, { nonce: '[nonce]' }],
    ['a big number under such a name', { nonce: 1234567890123456n }, { nonce: '[nonce]' }],
  ])('a redacted copy shows nothing of %s', (_what, value, copy) => {
    expect(redacted(value)).toEqual(copy);
  });

  it.each([
    ...[
      'apiKey',
      'x-api-key',
      'apikey',
      'API_KEY',
      'authToken',
      'clientSecret',
      'set-cookie',
      'sessionCookie',
    ],
    ...[
      'requestMac',
      'dbPassword',
      'Proxy-Authorization',
      'idToken',
      'tokens',
      'privateKeys',
      'client_nonce',
    ],
  ])('a redacted copy hides the value of %s', (name) => {
    expect(redacted({ [name]: hidden })).toEqual({ [name]: `[${name}]` });
  });

  it.each<[string, unknown]>([
    ['keyName', 'appId.keyId'],
    ['monkey', 'Charles'],
    ['tokenType', 'jwt'],
    ['expires', 1_700_000_000_000],
    ['tokens', 3],
    ['hasToken', true],
    ['clientId', '0f8fad5b-d9cb-469f-a165-70867728950e'],
  ])('a redacted copy shows the value of %s', (name, value) => {
    expect(redacted({ [name]: value })).toEqual({ [name]: value });
  });

  it('a redacted copy is finite, however deep and long the original is', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    expect(JSON.stringify(redacted(deep)).length).toBeLessThan(300);
    expect(redacted(Array.from({ length: 10_000 }, () => 1))).toHaveLength(200);
  });

  it('making a redacted copy does not change the original', () => {
    const original = Object.freeze({ token: 'x', list: Object.freeze(['y']) });
    expect(redacted(original)).toEqual({ token: '[token]', list: ['y'] });
    expect(original).toEqual({ token: 'x', list: ['y'] });
  });
});
