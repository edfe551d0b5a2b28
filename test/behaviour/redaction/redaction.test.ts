import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo, StopRenewing } from '../../../src/index.js';
import { redacted } from '../../../src/inspect.js';
import { redactKnown } from '../../../src/redaction/text.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

/** Short on purpose, so that their look does not show that they are secrets. */
const SECRET = 'hushhush';
const TOKEN = 'opaque-one';
const NONCE = 'nonce-of-16-char';
const MAC = 'the-mac';
const API_KEY = 'header-value';

const ways: readonly [string, (value: unknown) => string][] = [
  ['String', String],
  ['JSON.stringify', (value) => JSON.stringify(value) ?? ''],
  ['util.inspect', (value) => inspect(value, { depth: 8 })],
  ['util.inspect with all it can show', (value) => inspect(value, { depth: 8, showHidden: true })],
  ['util.inspect without our say', (value) => inspect(value, { depth: 8, customInspect: false })],
  ['console.log of a property', (value) => inspect({ error: value }, { depth: 8 })],
];

/** All texts that can be made of a value. */
const shown = (value: unknown) => ways.map(([, show]) => show(value)).join('\n');

const make = (options: ClientOptions) => {
  const auth = new Auth({ clock: new VirtualClock(), random: () => 0, ...options });
  onTestFinished(() => auth.dispose());
  return auth;
};
const failureOf = async (promise: Promise<unknown>): Promise<ErrorInfo> => {
  const thrown: unknown = await promise.catch((error: unknown) => error);
  if (thrown instanceof ErrorInfo) return thrown;
  throw new Error(`no ErrorInfo: ${String(thrown)}`);
};
/** An error answer that repeats `secret` in every field. */
const echo = (secret: string, status = 401, code = 40140) =>
  json(
    {
      error: {
        code,
        statusCode: status,
        message: `what is "${secret}"?`,
        href: `https://example.com/${secret}`,
        requestId: secret,
        detail: { given: secret, [secret]: 'as a name' },
        cause: { code: 50000, message: `behind it: ${secret}`, detail: { given: secret } },
      },
    },
    status,
  );

describe('an answer that repeats what the client sent', () => {
  it('the error shows no token', async () => {
    let count = 0;
    const http = new MockHttp(({ headers }) =>
      echo(Buffer.from(headers.get('authorization')?.slice(7) ?? '', 'base64').toString()),
    );
    const auth = make({
      authCallback: async () => {
        count += 1;
        return `${TOKEN}${count}`;
      },
      fetch: http.fetch,
    });
    const error = await failureOf(auth.fetch('/a'));
    expect(error.message).toBe('what is "[…]"?');
    expect(shown(error)).not.toContain(TOKEN);
    expect(shown([auth.explain(), auth.state, auth])).not.toContain(TOKEN);
  });

  it('the error shows no key', async () => {
    const http = new MockHttp(() => echo(SECRET, 400, 40000));
    const auth = make({ key: `app.key:${SECRET}`, fetch: http.fetch });
    const error = await failureOf(auth.revokeTokens({ type: 'clientId', value: 'a' }));
    expect(error.code).toBe(40000);
    expect(shown(error)).not.toContain(SECRET);
  });

  it.each([
    ['mac', MAC],
    ['nonce', NONCE],
  ])('the error shows no %s', async (_what, secret) => {
    const http = new MockHttp(() => echo(secret));
    const authCallback = async () => ({ keyName: 'app.key', timestamp: 1, nonce: NONCE, mac: MAC });
    const error = await failureOf(make({ authCallback, fetch: http.fetch }).requestToken());
    expect(error.code).toBe(40140);
    expect(shown(error)).not.toContain(secret);
  });

  it('the error shows nothing of authHeaders', async () => {
    const http = new MockHttp(() => echo(API_KEY));
    for (const value of [API_KEY, `Bearer ${API_KEY}`]) {
      const authHeaders = { authorization: value };
      const auth = make({ authUrl: 'https://example.com/token', authHeaders, fetch: http.fetch });
      expect(shown(await failureOf(auth.requestToken()))).not.toContain(API_KEY);
    }
  });

  it.each<[string, Pick<ClientOptions, 'authUrl' | 'authParams' | 'authHeaders'>]>([
    ['authParams', { authParams: { password: SECRET } }],
    ['its own query', { authUrl: `https://example.com/token?tenant=a&sig=${SECRET}` }],
    ['its own query, encoded', { authUrl: 'https://example.com/token?sig=%68ushhush' }],
    ['a cookie', { authHeaders: { cookie: `theme=dark; sid=${SECRET}; lang=en` } }],
  ])('the error shows nothing of %s', async (_what, options) => {
    const failing = () => {
      throw new TypeError('fetch failed', { cause: new Error(`no way to ${SECRET}`) });
    };
    for (const answer of [
      () => echo(SECRET),
      () => echo(SECRET, 403),
      () => text('', `text/${SECRET}`),
      failing,
    ]) {
      const { fetch } = new MockHttp(answer);
      const auth = make({ authUrl: 'https://example.com/token', ...options, fetch });
      expect(shown(await failureOf(auth.requestToken()))).not.toContain(SECRET);
    }
  });

  it.each([
    'a-token-of.the-service_that+looks/like=one0',
    'percent%2Bencoded%2Fand%3Dlong%20enough',
    'eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjF9.c2lnbmF0dXJl',
  ])('the error shows nothing that looks like a secret: %s', async (secret) => {
    for (const answer of [() => echo(secret, 403), () => echo(secret), () => text('x', `text/${secret}`)]) {
      const auth = make({ authUrl: 'https://example.com/token', fetch: new MockHttp(answer).fetch });
      expect(shown(await failureOf(auth.authorize()))).not.toContain(secret);
      expect(shown([auth.explain(), auth.state])).not.toContain(secret);
    }
  });

  it('the error keeps useful parts: the request’s id and details that are not secrets', async () => {
    const http = new MockHttp(() =>
      json(
        {
          error: {
            code: 40000,
            statusCode: 400,
            message: 'no such room',
            requestId: 'r-17',
            detail: { room: 'lobby', count: 3, key: { a: 1 } },
          },
        },
        400,
      ),
    );
    const error = await failureOf(make({ key: 'a.b:c', fetch: http.fetch }).requestToken());
    expect(error).toMatchObject({ requestId: 'r-17', detail: { room: 'lobby' } });
    expect(error.toJSON()).toMatchObject({ requestId: 'r-17', detail: { room: 'lobby' } });
  });
});

describe('an error that an application throws', () => {
  const secret = 'app.key:0123456789abcdefghij';
  const behind = (cause: Error) => new ErrorInfo({ code: 40170, message: 'no', cause });
  it.each<[string, unknown]>([
    ['an Error', new Error(`no ${secret}`)],
    ['a text', `no ${secret}`],
    ['an error with two numbers', Object.assign(new Error(`no ${secret}`), { code: 40100, statusCode: 401 })],
    ['StopRenewing', new StopRenewing(`no ${secret}`)],
    ['an object', { secret }],
    ['an Error with a cause', new Error('no', { cause: new Error(secret) })],
    ['an ErrorInfo', new ErrorInfo({ code: 40170, message: `no ${secret}` })],
    [
      'an ErrorInfo that says it everywhere',
      new ErrorInfo({
        code: 40170,
        message: 'no',
        remediation: `not ${secret}`,
        href: `https://example.com/${secret}`,
        requestId: secret,
        detail: { [secret]: secret },
      }),
    ],
    ['the ErrorInfo behind an ErrorInfo', behind(new ErrorInfo({ code: 40140, message: secret }))],
    [
      'the ErrorInfo behind an Error',
      new Error('no', { cause: behind(new ErrorInfo({ code: 40140, message: secret })) }),
    ],
    ['StopRenewing, and why', Object.assign(new StopRenewing('no'), { cause: behind(new Error(secret)) })],
    ['an Error with what was sent', Object.assign(new Error('no'), { config: { headers: { secret } } })],
    ['an Error with a name', Object.assign(new Error('no'), { name: secret })],
    ['an Error with a key for a name', Object.assign(new Error('no'), { name: secret.split(':')[1] })],
  ])('no secret is shown when the source throws %s', async (_what, thrown) => {
    const auth = make({ authCallback: () => Promise.reject(thrown) });
    const told: unknown[] = [];
    auth.on('failed', (happening) => told.push(happening));
    const error = await failureOf(auth.authorize());
    expect(JSON.stringify(told)).not.toContain(secret);
    expect(inspect(told, { depth: 8 })).not.toContain(secret);
    const all = [String(error), JSON.stringify(error), inspect(error), inspect({ error }, { depth: 8 })];
    expect(all.join('\n')).not.toContain(secret);
    expect(shown(error)).not.toContain(secret);
    expect(shown(error)).not.toContain(secret.split(':')[1]);
    expect(JSON.stringify([auth.state, auth.explain()])).not.toContain(secret);
  });

  it('the error keeps everything of an ErrorInfo that is not secret', async () => {
    const thrown = new ErrorInfo({
      code: 42900,
      statusCode: 429,
      message: `slower, ${secret}`,
      remediation: 'Ask less.',
      retryAfterMs: 5_000,
      requestId: 'r-17',
      detail: { room: 'lobby' },
      cause: new Error('too much'),
    });
    const error = await failureOf(make({ authCallback: () => Promise.reject(thrown) }).requestToken());
    expect(error.toJSON()).toEqual({ ...thrown.toJSON(), message: 'slower, […]', origin: 'source' });
  });

  it('an ErrorInfo without secrets is copied only to set its origin', async () => {
    const thrown = new ErrorInfo({ code: 80014, message: 'not now', cause: new Error('why') });
    const before = thrown.toJSON();
    const error = await failureOf(make({ authCallback: () => Promise.reject(thrown) }).requestToken());
    // The remediation of the table is for errors of Latchkey only, and so is the reason that follows from a code.
    const { remediation: _ofTheTable, ...told } = before;
    expect(error.toJSON()).toEqual({ ...told, origin: 'source', reason: 'source failed' });
    expect([error.cause, error.stack]).toEqual([thrown.cause, thrown.stack]);
    expect(error.cause).toBe(thrown.cause);
    // The application's own object is not changed.
    expect(thrown.toJSON()).toEqual(before);
  });

  it('an ErrorInfo with the origin source is not copied', async () => {
    const thrown = new ErrorInfo({ code: 80014, message: 'not now', origin: 'source' });
    const error = await failureOf(make({ authCallback: () => Promise.reject(thrown) }).requestToken());
    expect(error).toBe(thrown);
  });

  it('the error of a connection shows no secret either', async () => {
    const thrown = Object.assign(new Error(`refused ${secret}`), { code: 40140, statusCode: 401 });
    const connection = {
      state: 'connected' as const,
      push: () => Promise.reject(thrown),
      attach: () => () => {},
    };
    const auth = make({ authCallback: async () => 'a token', connection });
    expect(inspect(await failureOf(auth.authorize()))).not.toContain(secret);
  });
});

describe('the secrets of a client', () => {
  const key = `app.key:${SECRET}`;
  const authParams = { secret: 'param-value' };
  const options: ClientOptions = {
    key,
    authUrl: 'https://example.com/token?sig=query-value',
    authHeaders: { authorization: API_KEY },
    authParams,
    clientId: 'ada',
  };
  const secrets = [SECRET, TOKEN, API_KEY, 'param-value', 'query-value'];
  const setUp = async (more: ClientOptions = {}) => {
    const http = new MockHttp(() => json({ token: TOKEN, issued: 1, expires: 60_001 }));
    const seen: unknown[] = [];
    const auth = make({ ...options, fetch: http.fetch, inspect: (event) => seen.push(event), ...more });
    await auth.authorize({ nonce: NONCE });
    const { clientId: _own, ...authOptions } = options;
    await auth.authorize(null, { ...authOptions, tokenDetails: { token: 'given-one' } });
    return { auth, seen };
  };

  it.each(ways)('a client shows no secret by %s', async (_name, show) => {
    const { auth } = await setUp();
    const all = show([auth, auth.state, auth.explain(), auth.actor.getPersistedSnapshot()]);
    for (const secret of [...secrets, 'given-one', NONCE]) expect(all).not.toContain(secret);
  });

  it('a copy by structuredClone shows no secret', async () => {
    const { auth } = await setUp();
    for (const one of [auth.state, auth.explain(), auth.toJSON(), auth.actor.getPersistedSnapshot()]) {
      let copy: unknown;
      try {
        copy = structuredClone(one);
      } catch {
        continue;
      }
      for (const secret of [...secrets, 'given-one']) expect(shown(copy)).not.toContain(secret);
    }
  });

  it('an inspector receives no secret, however it prints', async () => {
    const { seen } = await setUp();
    expect(seen.length).toBeGreaterThan(10);
    for (const event of seen) {
      const printed = inspect(event, { depth: 4, customInspect: false });
      for (const secret of [...secrets, 'given-one', NONCE]) expect(printed).not.toContain(secret);
    }
  });

  it('listeners receive everything of a token but the token itself', async () => {
    const told: unknown[] = [];
    const http = new MockHttp(() => json({ token: TOKEN, issued: 1, expires: 60_001 }));
    const clock = new VirtualClock();
    const auth = make({ ...options, fetch: http.fetch, clock });
    for (const name of ['authorized', 'renewed', 'expired', 'expiring', 'failed', 'state'] as const) {
      auth.on(name, (payload: unknown) => told.push(payload));
    }
    await auth.authorize();
    await clock.advance(120_000);
    await settle();
    expect(told.length).toBeGreaterThan(2);
    expect(shown(told)).not.toContain(TOKEN);
  });
});

describe('the redaction of a known secret', () => {
  it('a short secret is redacted only as a whole word', () => {
    expect(redactKnown('get the latest, test: test=1 (test)', ['test'])).toBe(
      'get the latest, […]: […]=1 ([…])',
    );
    expect(redactKnown('xlong-enough-secretx', ['long-enough-secret'])).toBe('x[…]x');
  });
});

describe('redacted names', () => {
  it('redacted names stay different, and none replaces another', () => {
    const shown = redacted({ xVLyHwA2kzn4LnT9q0wzBv3J: 1, aVLyHwA2kzn4LnT9q0wzBv3J: 2, short: 3 });
    expect(shown).toEqual({ '[…]': 1, '[…] 2': 2, short: 3 });
  });

  it('words joined by capitals, words in capitals, and channels are not redacted', () => {
    const plain = {
      realtimeRequestTimeout: 1,
      totalPriceOfTheBasket: 2,
      value: 'waitingForAuthorisation',
      type: 'CUSTOMER_DETAILS_SUBMITTED',
      capability: { 'chat:token': ['publish'] },
    };
    expect(redacted(plain)).toEqual(plain);
  });
});
