import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { eventually } from '../../kit/eventually.js';
import { json, MockHttp } from '../../uts/mock-http.js';

const KEY = 'app.key:secret';
const bad = (given: unknown) => given as ClientOptions;
const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    if (error instanceof ErrorInfo) return [error.code, error.remediation !== undefined, error.message];
    return error;
  }
  return 'nothing';
};
const make = (options: ClientOptions) => {
  const auth = new Auth({ clock: new VirtualClock(), ...options });
  onTestFinished(() => auth.dispose());
  return auth;
};

describe('null options', () => {
  const names = [
    ...['token', 'tokenDetails', 'authCallback', 'authUrl', 'authMethod', 'authHeaders', 'authParams'],
    ...[
      'queryTime',
      'useTokenAuth',
      'clientId',
      'clientType',
      'agents',
      'defaultTokenParams',
      'endpoint',
      'restHost',
      'realtimeHost',
    ],
    ...['fallbackHosts', 'port', 'tlsPort', 'tls', 'httpOpenTimeout', 'httpRequestTimeout'],
    ...['httpMaxRetryCount', 'httpMaxRetryDuration', 'fallbackRetryTimeout', 'realtimeRequestTimeout'],
    ...['connection', 'renewal', 'keepAlive', 'fetch', 'clock', 'random', 'environment', 'inspect'],
    ...['logLevel', 'logHandler'],
  ];

  it.each(names)('a null option counts as absent: %s', (name) => {
    for (const nothing of [null, undefined]) {
      expect(codeOf(() => new Auth(bad({ key: KEY, [name]: nothing })))).toBe('nothing');
    }
  });

  it('all options together may be null', async () => {
    const http = new MockHttp(() => json([1_000]));
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    const auth = make(bad({ ...nulls, key: KEY, fetch: http.fetch }));
    expect(await auth.time()).toBe(1_000);
    expect(http.requests[0]?.url.href).toBe('https://main.realtime.ably.net/time');
  });

  it('null options within renewal count as absent too', () => {
    for (const renewal of [
      { lead: null, share: null, jitter: null, retry: null },
      { retry: { base: null } },
    ]) {
      expect(codeOf(() => new Auth(bad({ key: KEY, renewal })))).toBe('nothing');
    }
  });
});

describe('inherited options', () => {
  it('inherited options are read too', async () => {
    class Settings {
      get key(): string {
        return KEY;
      }
    }
    const auth = new Auth(bad(Object.create(new Settings())));
    expect((await auth.createTokenRequest()).keyName).toBe('app.key');
  });
});

describe('an invalid option', () => {
  it.each<[string, unknown, number]>([
    ['nothing at all', undefined, 40106],
    ['null', null, 40106],
    ['a number', 7, 40003],
    ['a clock that is none', { key: KEY, clock: {} }, 40003],
    ['an environment that is none', { key: KEY, environment: { isOnline: true } }, 40003],
    ['an inspector that is none', { key: KEY, inspect: 'x' }, 40003],
    ['a retry that is none', { key: KEY, renewal: { retry: 'x' } }, 40003],
    ['a log level that is none', { key: KEY, logLevel: 'loud' }, 40003],
    ['a log handler that is none', { key: KEY, logHandler: {} }, 40003],
    ['default TokenParams that are none', { key: KEY, defaultTokenParams: 'x' }, 40003],
    ['a timestamp among the defaults (TK2d)', { key: KEY, defaultTokenParams: { timestamp: 1 } }, 40003],
    ['a nonce among the defaults', { key: KEY, defaultTokenParams: { nonce: 'x'.repeat(16) } }, 40003],
  ])('an invalid option is an error with code and remediation: %s', (_what, options, code) => {
    expect(codeOf(() => new Auth(bad(options)))).toEqual([code, true, expect.any(String)]);
  });
});

describe('null arguments', () => {
  it('null and undefined arguments, in any mixture, mean the stored ones', async () => {
    const authCallback = vi.fn(async () => 'a token');
    const auth = make({ key: KEY, authCallback, defaultTokenParams: { ttl: 7_000 } });
    for (const call of ['authorize', 'requestToken', 'createTokenRequest'] as const) {
      for (const first of [null, undefined]) {
        for (const second of [null, undefined]) await auth[call](first, second);
      }
    }
    expect(authCallback).toHaveBeenCalledTimes(8);
    for (const [params] of authCallback.mock.calls as unknown[][]) expect(params).toEqual({ ttl: 7_000 });
  });

  it.each(['authorize', 'requestToken', 'createTokenRequest'] as const)(
    '%s accepts undefined and null before a callback, and refuses a callback that is not a function',
    async (call) => {
      const auth = make({ key: KEY, authCallback: async () => 'a token' });
      const uncaught = vi.fn();
      process.on('unhandledRejection', uncaught);
      const invoke = auth[call].bind(auth) as (...given: unknown[]) => unknown;
      const callback = vi.fn();
      for (const given of [[undefined], [null], [undefined, undefined], [null, undefined], [{}, null]]) {
        expect(invoke(...given, callback)).toBeUndefined();
      }
      await eventually(() => expect(callback).toHaveBeenCalledTimes(5));
      for (const [error, result] of callback.mock.calls) {
        expect(error).toBeNull();
        expect(result).toBeTruthy();
      }
      for (const third of [null, undefined]) await invoke(null, null, third);
      for (const third of [42, 'x', {}]) {
        await expect(invoke(null, null, third)).rejects.toMatchObject({ code: 40003 });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      process.off('unhandledRejection', uncaught);
      expect(uncaught).not.toHaveBeenCalled();
    },
  );

  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['a number', 7],
    ['a list', []],
    ['true', true],
  ])('arguments that are not objects are refused: %s', async (_what, given) => {
    const auth = make({ key: KEY, authCallback: async () => 'a token' });
    for (const call of ['authorize', 'requestToken', 'createTokenRequest'] as const) {
      await expect(auth[call](given as never)).rejects.toMatchObject({ code: 40003 });
      await expect(auth[call](null, given as never)).rejects.toMatchObject({ code: 40003 });
    }
  });

  it('revokeTokens treats null options as absent and refuses invalid ones', async () => {
    const http = new MockHttp(() => json({ results: [] }));
    const auth = make({ key: KEY, fetch: http.fetch });
    const target = { type: 'clientId', value: 'ada' } as const;
    for (const options of [undefined, null, {}]) await auth.revokeTokens(target, options as never);
    expect(http.requests.map(({ body }) => body)).toEqual(Array(3).fill('{"targets":["clientId:ada"]}'));
    for (const options of [
      'x',
      7,
      [],
      { issuedBefore: -1 },
      { allowReauthMargin: 'x' },
      { issuedbefore: 1 },
    ]) {
      await expect(auth.revokeTokens(target, options as never)).rejects.toMatchObject({ code: 40003 });
    }
    for (const targets of [null, undefined, [null], 'clientId:ada', [], { type: 'a b', value: 'x' }]) {
      await expect(auth.revokeTokens(targets as never)).rejects.toMatchObject({ code: 40003 });
    }
    expect(http.requests).toHaveLength(3);
  });
});
