import { describe, expect, it, vi } from 'vitest';
import { pageAbout } from '../../../src/errors/remedies.js';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const KEY = 'app.key:secret-of-the-key';
const bad = (given: unknown) => given as ClientOptions;

function thrownBy(run: () => unknown): ErrorInfo {
  try {
    run();
  } catch (error) {
    if (error instanceof ErrorInfo) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

async function rejectionOf(promise: Promise<unknown>): Promise<ErrorInfo> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ErrorInfo) return error;
  throw new Error(`rejected with ${String(error)}`);
}

describe('the constructor refuses', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['options without a key, a token or a means', {}, 40106, /must have a key, a token/],
    ['useTokenAuth: false without a key', { token: 't', useTokenAuth: false }, 40106, /useTokenAuth/],
    [
      'useTokenAuth without anything to get a token with',
      { useTokenAuth: true },
      40106,
      /must have a key, a token, an authUrl or an authCallback/,
    ],
    ['a key without a colon', { key: 'no-colon' }, 40005, /malformed/],
    ['a key without a name', { key: ':secret' }, 40005, /malformed/],
    ['a key without a secret', { key: 'app.key:' }, 40005, /malformed/],
    ['a key with white space', { key: ' app.key:secret' }, 40005, /malformed/],
    ['a key that is no string', { key: 7 }, 40005, /malformed/],
    ['an empty clientId', { key: KEY, clientId: '' }, 40012, /empty/],
    ['a clientId with a star', { key: KEY, clientId: 'a*' }, 40012, /'\*'/],
    ['a clientId that is no string', { key: KEY, clientId: 1 }, 40012, /number/],
    ['Basic auth without TLS', { key: KEY, tls: false }, 40103, /without TLS/],
    ['an unknown option', { key: KEY, authURL: 'x' }, 40003, /"authURL"/],
    ['a callback that is no function', { authCallback: 'x' }, 40003, /authCallback/],
    ['an address that is none', { authUrl: 'not an address' }, 40003, /authUrl/],
    ['an address of another kind', { authUrl: 'ftp://example.com' }, 40003, /authUrl/],
    ['a method that is none', { authUrl: 'https://example.com', authMethod: 'PUT' }, 40003, /authMethod/],
    [
      'headers that are no object',
      { authUrl: 'https://example.com', authHeaders: 'x' },
      40003,
      /authHeaders/,
    ],
    ['an empty token', { token: '' }, 40003, /token/],
    ['tokenDetails without a token', { tokenDetails: { expires: 1 } }, 40003, /no token/],
    ['a port that is none', { key: KEY, port: 0 }, 40003, /port/],
    ['a timeout below zero', { key: KEY, realtimeRequestTimeout: -1 }, 40003, /realtimeRequestTimeout/],
    ['an unknown renewal', { key: KEY, renewal: 'never' }, 40003, /renewal/],
    ['a share over the whole', { key: KEY, renewal: { share: 1.5 } }, 40003, /renewal\.share/],
    ['a keepAlive that is neither true nor false', { key: KEY, keepAlive: 'no' }, 40003, /keepAlive/],
    ['a connection that is none', { key: KEY, connection: {} }, 40003, /connection/],
    ['a ttl below zero among the defaults', { key: KEY, defaultTokenParams: { ttl: -1 } }, 40003, /ttl/],
    ['nothing at all', undefined, 40106, /must have a key, a token/],
    ['null', null, 40106, /must have a key, a token/],
    ['a list', [], 40003, /options/],
  ])('the constructor refuses %s', (_what, options, code, message) => {
    const error = thrownBy(() => new Auth(bad(options)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.remediation).toBeTruthy();
    expect(error.href).toBe(pageAbout(code));
  });

  it('the error names the most similar option', () => {
    const error = thrownBy(() => new Auth(bad({ key: KEY, authCalback: () => 't' })));
    expect(error.remediation).toContain('"authCallback"');
  });

  it('the error shows nothing of a malformed key', () => {
    const error = thrownBy(() => new Auth('very-secret-without-a-name:'));
    expect(JSON.stringify(error) + String(error) + String(error.stack)).not.toContain('very-secret');
  });
});

describe('TokenParams', () => {
  const refused: [string, object, number][] = [
    ['a ttl below zero', { ttl: -1 }, 40003],
    ['a ttl of zero', { ttl: 0 }, 40003],
    ['a ttl with a fraction', { ttl: 1.5 }, 40003],
    ['a ttl that is no number', { ttl: '60' }, 40003],
    ['a ttl that is not finite', { ttl: Number.POSITIVE_INFINITY }, 40003],
    ['a capability that is no JSON', { capability: '{' }, 40003],
    ['a capability that is a list', { capability: '[]' }, 40003],
    ['a capability of other things than lists', { capability: { a: 'subscribe' } }, 40003],
    ['a capability of lists of other things', { capability: { a: [1] } }, 40003],
    ['a timestamp that is none', { timestamp: 'now' }, 40003],
    ['a nonce that is none', { nonce: '' }, 40003],
    ['an empty clientId', { clientId: '' }, 40012],
    ['a clientId that is no string', { clientId: 5 }, 40012],
  ];

  it.each(refused)(
    'every call refuses TokenParams with %s, and nothing changes',
    async (_what, params, code) => {
      const source = vi.fn(async () => 'a token');
      const auth = new Auth({ key: KEY, authCallback: source, clock: new VirtualClock() });
      const before = auth.state;
      for (const call of ['authorize', 'requestToken', 'createTokenRequest'] as const) {
        const error = await rejectionOf(auth[call](params));
        expect(error.code).toBe(code);
        expect(error.remediation).toBeTruthy();
      }
      expect(source).not.toHaveBeenCalled();
      expect(auth.state).toEqual(before);
    },
  );

  it('TokenParams that are not an object are refused', async () => {
    const auth = new Auth(KEY);
    expect(await rejectionOf(auth.createTokenRequest('x' as never))).toMatchObject({ code: 40003 });
  });
});

describe('authOptions', () => {
  it.each<[string, object, number]>([
    ['that hold no means', {}, 40106],
    ['that hold only queryTime', { queryTime: true }, 40106],
    ['with a malformed key', { key: 'x' }, 40005],
    ['with a name that is unknown', { keyy: KEY }, 40003],
    ['with an option of the client', { key: KEY, clientId: 'ada' }, 40003],
  ])('authOptions with %s are refused, and the stored ones stay', async (_what, options, code) => {
    const auth = new Auth({ authCallback: async () => 'a token' });
    expect(await rejectionOf(auth.authorize(null, options))).toMatchObject({ code });
    expect((await auth.authorize()).token).toBe('a token');
    auth.dispose();
  });
});

describe('a source', () => {
  const answers: [string, unknown, RegExp][] = [
    ['null', null, /null/],
    ['undefined', undefined, /undefined/],
    ['a number', 42, /number/],
    ['true', true, /boolean/],
    ['a list', ['t'], /array/],
    ['an empty string', '', /empty/],
    ['white space', '  \n', /empty/],
    ['the text "null"', 'null', /"null"/],
    ['the text "undefined"', 'undefined', /"undefined"/],
    ['JSON as text', '{"token":"t"}', /JSON as text/],
    ['over 128 KiB of text', 'x'.repeat(128 * 1024 + 1), /131072 bytes/],
    ['over 128 KiB of UTF-8', 'ü'.repeat(66 * 1024), /131072 bytes/],
    ['over 128 KiB in an object', { token: 't', capability: 'x'.repeat(130 * 1024) }, /131072 bytes/],
    ['an object of neither kind', { jwt: 'x' }, /neither/],
    ['a TokenDetails with an empty token', { token: '' }, /no token/],
    ['a TokenDetails with a time that is none', { token: 't', expires: 'soon' }, /expires/],
    ['a TokenDetails with a clientId that is none', { token: 't', clientId: 3 }, /clientId/],
    ['a TokenRequest without a mac', { keyName: 'k', timestamp: 1, nonce: 'n' }, /mac/],
    ['a TokenRequest without a nonce', { keyName: 'k', timestamp: 1, mac: 'm' }, /nonce/],
    ['a TokenRequest without a timestamp', { keyName: 'k', nonce: 'n', mac: 'm' }, /timestamp/],
    ['an error in an object', { error: { code: 40000, statusCode: 400, message: 'no' } }, /an error: no/],
  ];

  it.each(answers)('a source that returns %s gets an error that says so', async (_what, answer, message) => {
    const auth = new Auth({ authCallback: () => Promise.resolve(answer as string) });
    const error = await rejectionOf(auth.requestToken());
    expect(error).toMatchObject({ code: 40170, statusCode: 401 });
    expect(error.message).toMatch(message);
    expect(error.remediation).toBeTruthy();
  });

  it.each(answers.filter(([, answer]) => answer !== undefined && answer !== null))(
    'that calls back with %s is told so',
    async (_what, answer) => {
      const auth = new Auth({ authCallback: (_params, callback) => callback(null, answer as string) });
      expect(await rejectionOf(auth.requestToken())).toMatchObject({ code: 40170 });
    },
  );

  it.each<[string, () => never | Promise<never>, RegExp]>([
    [
      'throws an error',
      () => {
        throw new TypeError('no such thing');
      },
      /no such thing/,
    ],
    [
      'throws a string',
      () => {
        throw 'no such thing';
      },
      /no such thing/,
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
      /failed/,
    ],
    ['rejects', () => Promise.reject(new Error('no such thing')), /no such thing/],
  ])('a source that %s rejects the call with the cause', async (_what, source, message) => {
    const auth = new Auth({ authCallback: source });
    const error = await rejectionOf(auth.authorize());
    expect(error).toMatchObject({ code: 40170, statusCode: 401 });
    expect(error.message).toMatch(message);
    auth.dispose();
  });

  it('a source without callback parameter that returns nothing gets an error at once', async () => {
    const auth = new Auth({ authCallback: () => undefined });
    expect((await rejectionOf(auth.requestToken())).message).toContain('returned nothing');
  });

  it('the ErrorInfo of a source is passed on with all its fields', async () => {
    class Own extends ErrorInfo {
      readonly attempt = 3;
    }
    const own = new Own({ code: 40300, statusCode: 403, message: 'not you', remediation: 'Ask Ada.' });
    const auth = new Auth({ authCallback: () => Promise.reject(own) });
    const error = await rejectionOf(auth.authorize());
    expect(error).toBeInstanceOf(Own);
    expect({ ...(error as Own) }).toEqual({ ...own, origin: 'source' });
    expect(error).toMatchObject({ message: own.message, stack: own.stack });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
  });

  it.each(['authorize', 'requestToken', 'getToken'] as const)(
    'a source that never answers ends %s at its deadline, and is aborted',
    async (call) => {
      const clock = new VirtualClock();
      let signal: AbortSignal | undefined;
      const auth = new Auth({
        clock,
        realtimeRequestTimeout: 5_000,
        authCallback: (_params, callback) => {
          signal = callback.signal;
          return new Promise<string>(() => {});
        },
      });
      const rejection = rejectionOf(auth[call]());
      await clock.advance(4_999);
      expect(signal?.aborted).toBe(false);
      await clock.advance(1);
      expect(await rejection).toMatchObject({ code: 40170, statusCode: 401 });
      expect(signal?.aborted).toBe(true);
      auth.dispose();
    },
  );

  it('an async source that never calls back ends at the deadline, too', async () => {
    const clock = new VirtualClock();
    const auth = new Auth({
      clock,
      realtimeRequestTimeout: 5_000,
      authCallback: async (_params, _callback) => {},
    });
    const rejection = rejectionOf(auth.authorize());
    await clock.advance(5_000);
    expect(await rejection).toMatchObject({ code: 40170, statusCode: 401 });
    auth.dispose();
  });

  it('a source answers once: later answers are ignored', async () => {
    const auth = new Auth({
      authCallback: (_params, callback) => {
        callback(null, 'first');
        callback(new Error('second'));
        return Promise.resolve('third');
      },
    });
    expect((await auth.requestToken()).token).toBe('first');
  });
});

describe('an authUrl', () => {
  const asked = (body: string | Uint8Array<ArrayBuffer>, init: ResponseInit) =>
    new Auth({
      authUrl: 'https://example.com/token',
      fetch: async () => new Response(body, init),
    }).requestToken();
  const typed = (type: string) => ({ headers: { 'content-type': type } });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['malformed JSON', () => asked('{"token":', typed('application/json')), /JSON that cannot be read/],
    ['JSON null', () => asked('null', typed('application/json')), /null/],
    ['a JSON number', () => asked('7', typed('application/json')), /number/],
    ['an unlisted content type', () => asked('<html>', typed('text/html')), /text\/html/],
    ['no content type', () => asked(new Uint8Array([65]), {}), /without a content type/],
    ['an empty text', () => asked('', typed('text/plain')), /empty/],
    ['over 128 KiB', () => asked('x'.repeat(200_000), typed('text/plain')), /131072 bytes/],
    ['status 500', () => asked('oops', { status: 500 }), /answered 500/],
    ['status 404', () => asked('oops', { status: 404 }), /answered 404/],
  ])('an authUrl that answers with %s gets an error that says so', async (_what, ask, message) => {
    const error = await rejectionOf(ask());
    expect(error).toMatchObject({ code: 40170, statusCode: 401 });
    expect(error.message).toMatch(message);
  });

  it('an authUrl that answers 403 ends the tries', async () => {
    const auth = new Auth({
      authUrl: 'https://example.com/token',
      fetch: async () =>
        new Response('{"error":{"code":40301,"statusCode":403,"message":"signed out"}}', { status: 403 }),
    });
    expect(await rejectionOf(auth.authorize())).toMatchObject({
      code: 40301,
      statusCode: 403,
      message: 'signed out',
    });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    auth.dispose();
  });

  it('an unreachable authUrl is an error with the cause', async () => {
    const cause = new TypeError('fetch failed');
    const auth = new Auth({ authUrl: 'https://example.com/token', fetch: () => Promise.reject(cause) });
    expect(await rejectionOf(auth.requestToken())).toMatchObject({ code: 40170, cause });
  });
});

describe('a client without a key', () => {
  it('createTokenRequest() without a key is refused', async () => {
    expect(await rejectionOf(new Auth({ token: 't' }).createTokenRequest())).toMatchObject({ code: 40101 });
  });

  it('authorize() with only a used token is refused', async () => {
    const auth = new Auth({ token: 't' });
    expect(await rejectionOf(auth.authorize())).toMatchObject({ code: 40171 });
    expect(auth.tokenDetails?.token).toBe('t');
    auth.dispose();
  });
});
