import { describe, expect, it } from 'vitest';
import {
  type AblyAuthCallback,
  type AblyRealtime,
  type AblyStateChange,
  ablyJs,
} from '../../../src/connection/ably-js/index.js';
import { pageAbout } from '../../../src/errors/remedies.js';
import { Auth, type ClientOptions, ErrorInfo, errorCodes, StopRenewing } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { json, MockHttp, text } from '../../uts/mock-http.js';

const KEY = 'app.key:secret';
const codes = Object.keys(errorCodes).map(Number);

/** An error of other software, with a code that has another meaning for Latchkey. */
interface Told {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
  readonly remediation?: string;
  readonly href?: string;
}

const told = (code: number, more: Partial<Told> = {}): Told => ({
  code,
  statusCode: code < 60_000 ? Math.floor(code / 100) : 400,
  message: 'in words of another',
  ...more,
});

const failureOf = (work: Promise<unknown>): Promise<ErrorInfo> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: ErrorInfo) => error,
  );

/** The error of a client with these options. */
const failure = async (options: ClientOptions): Promise<ErrorInfo> => {
  const auth = new Auth({ fallbackHosts: [], ...options });
  const asked = await failureOf(auth.requestToken());
  const error = await failureOf(auth.authorize());
  expect(error).toMatchObject({ code: asked.code, message: asked.message });
  expect([asked.remediation, auth.error?.remediation, auth.state.error?.remediation]).toEqual(
    Array(3).fill(error.remediation),
  );
  auth.dispose();
  return error;
};

const answering = (answer: () => Response): typeof fetch => new MockHttp(answer).fetch;
const endpoint = (answer: () => Response) => ({ authUrl: 'https://example.com/t', fetch: answering(answer) });
const withKey = (answer: () => Response) =>
  new Auth({ key: KEY, fetch: answering(answer), fallbackHosts: [] });
const failing = (thrown: unknown): ClientOptions => ({ authCallback: () => Promise.reject(thrown) });

/** The error of a connection whose server sends this frame. */
async function frame(action: number, error: Told): Promise<ErrorInfo | undefined> {
  const one = new ConnectionHarness();
  one.push('connection.open', 'token-1');
  await one.clock.advance(0);
  const reasons: ErrorInfo[] = [];
  one.connection.onStateChange(({ reason }) => reason && reasons.push(reason));
  if (action === 4) one.server.sayConnected(one.server.line, { error });
  else one.server.line.send({ action, error });
  await one.clock.advance(0);
  one.connection.dispose();
  return reasons[0];
}

/** The error of a client of the official SDK whose connection changes for this reason. */
async function sdkFailed(reason: Told): Promise<ErrorInfo | undefined> {
  let hear: (change: AblyStateChange) => void = () => {};
  const client: AblyRealtime = {
    auth: { authorize: async () => ({}) },
    connection: {
      state: 'disconnected',
      connect: () => {},
      close: () => {},
      on: (listener) => {
        hear = listener;
      },
      off: () => {},
    },
  };
  const connection = ablyJs((_callback: AblyAuthCallback) => client);
  const auth = new Auth({ authCallback: async () => 'a-token', connection });
  const reasons: ErrorInfo[] = [];
  auth.on('connection.changed', (change) => change.reason && reasons.push(change.reason));
  hear({ previous: 'connecting', current: 'disconnected', reason });
  auth.dispose();
  return reasons[0];
}

/** The error of another adapter that refuses a token. */
async function adapterRefused(error: Told): Promise<ErrorInfo> {
  const connection = {
    state: 'connected' as const,
    attach: () => () => {},
    push: async () => {
      throw error;
    },
  };
  const auth = new Auth({ authCallback: async () => 'a-token', connection });
  const refusal = await failureOf(auth.authorize());
  auth.dispose();
  return refusal;
}

type Door = (error: Told) => Promise<ErrorInfo | undefined>;
const status = ({ statusCode }: Told) => Math.max(400, statusCode);

/** The ways in which an error from outside reaches the client. */
const doors: readonly [what: string, door: Door][] = [
  ['a token endpoint', (error) => failure(endpoint(() => json({ error }, status(error))))],
  [
    'a token endpoint that sends an ErrorInfo of its own',
    (error) => failure(endpoint(() => json({ error: new ErrorInfo(error) }, status(error)))),
  ],
  ['a token endpoint that answers 403', (error) => failure(endpoint(() => json({ error }, 403)))],
  ['an authCallback that throws an object', (error) => failure(failing(error))],
  ['an authCallback that throws an ErrorInfo', (error) => failure(failing(new ErrorInfo(error)))],
  [
    'an authCallback that calls back with one',
    (error) => failure({ authCallback: (_params, callback) => callback(new ErrorInfo(error)) }),
  ],
  [
    'the exchange of a TokenRequest',
    (error) => failure({ key: KEY, fetch: answering(() => json({ error }, status(error))) }),
  ],
  [
    'the exchange of a TokenRequest, by a header alone',
    ({ code, ...more }) =>
      failure({
        key: KEY,
        fetch: answering(() =>
          text('', 'text/html', status({ code, ...more }), { 'x-ably-errorcode': String(code) }),
        ),
      }),
  ],
  ['time()', (error) => failureOf(withKey(() => json({ error }, status(error))).time())],
  [
    'revokeTokens()',
    (error) =>
      failureOf(
        withKey(() => json({ error }, status(error))).revokeTokens({ type: 'clientId', value: 'ada' }),
      ),
  ],
  [
    'one target of revokeTokens()',
    async (error) => {
      const auth = withKey(() => json([{ target: 'clientId:ada', error }]));
      const { results } = await auth.revokeTokens({ type: 'clientId', value: 'ada' });
      return results[0] !== undefined && 'error' in results[0] ? results[0].error : undefined;
    },
  ],
  [
    'an error behind an error of the service',
    async (error) => {
      const behind = { ...told(50_001), cause: error };
      return (await failureOf(withKey(() => json({ error: behind }, 500)).time())).cause as ErrorInfo;
    },
  ],
  ['CONNECTED', (error) => frame(4, error)],
  ['DISCONNECTED', (error) => frame(6, error)],
  ['ERROR', (error) => frame(9, error)],
  ['the official SDK', sdkFailed],
  ['a connection of another make', adapterRefused],
];

describe('an error from outside Latchkey', () => {
  it.each(doors)(
    'an error by %s gets no remediation of the table, whatever its code',
    async (_what, door) => {
      for (const code of codes) {
        const error = await door(told(code));
        expect(error).toBeInstanceOf(ErrorInfo);
        expect([code, error?.remediation]).toEqual([code, undefined]);
        expect(JSON.stringify(error)).not.toContain('remediation');
        expect(String(error)).not.toContain(errorCodes[code as keyof typeof errorCodes].remediation);
      }
    },
  );

  const own = { remediation: 'Pay your bill.', href: 'https://example.com/bill' };
  const withText = doors.filter(([what]) => !/header|behind|sends an ErrorInfo/.test(what));

  it.each(withText)('an error by %s keeps its own remediation and link', async (_what, door) => {
    // A code after which a connection tries again, and which is not a token error.
    expect(await door(told(40101, own))).toMatchObject({ code: 40101, ...own });
  });

  it.each(withText)('the remediation of an error by %s contains no secret', async (_what, door) => {
    const secret = `pQ7${'aB3'.repeat(9)}`;
    const error = await door(told(40101, { remediation: `Use ${secret} instead.` }));
    expect(JSON.stringify(error) + String(error)).not.toContain(secret);
  });

  it('a 40101 of a token endpoint does not tell a page to use the API key', async () => {
    const signedOut = {
      error: { code: 40101, statusCode: 401, message: 'the request has no signed-in user' },
    };
    const error = await failure(endpoint(() => json(signedOut, 401)));
    expect(String(error)).toBe('ErrorInfo 40101/401: the request has no signed-in user.');
    expect(JSON.stringify(error)).not.toMatch(/key/i);
  });

  it('an error of an application has no link to Ably’s pages, and one of the service has the link of its code', async () => {
    const error = told(40101);
    const ofAnApplication = [
      await failure(endpoint(() => json({ error }, 401))),
      await failure(endpoint(() => json({ error }, 403))),
      await failure(failing(error)),
      await failure(failing({ statusCode: 403, message: 'no' })),
    ];
    expect(ofAnApplication.map(({ href }) => href)).toEqual(Array(4).fill(undefined));
    expect(JSON.stringify(ofAnApplication)).not.toContain('href');
    const ofTheService = [await failureOf(withKey(() => json({ error }, 401)).time()), await frame(9, error)];
    expect(ofTheService.map((one) => one?.href)).toEqual(
      Array(2).fill('https://ably.com/docs/platform/errors/codes/40101-invalid-credentials'),
    );
  });

  it('an error of an authCallback keeps its own remediation, and the object is not changed', async () => {
    const thrown = new ErrorInfo({ code: 40101, message: 'the request has no signed-in user' });
    const before = thrown.toJSON();
    expect((await failure(failing(thrown))).remediation).toBeUndefined();
    expect(thrown.toJSON()).toEqual(before);
    Object.assign(thrown, { remediation: 'Sign in.' });
    expect(String(await failure(failing(thrown)))).toContain('Sign in.');
  });

  it('an error of an authCallback gets no remediation as the cause of another error either', async () => {
    const behind = new ErrorInfo({ code: 40101, message: 'the request has no signed-in user' });
    for (const thrown of [
      new Error('no token', { cause: behind }),
      new StopRenewing('no token', { cause: behind }),
      Object.assign(new Error('no token', { cause: behind }), { statusCode: 403 }),
      new ErrorInfo({ code: 40000, message: 'no token', cause: behind }),
    ]) {
      const error = await failure(failing(thrown));
      expect(JSON.stringify(error)).toContain('the request has no signed-in user');
      expect(JSON.stringify(error)).not.toContain(errorCodes[40101].remediation);
    }
  });

  it('an error reaches the official SDK with its remediation', async () => {
    const refused: unknown[] = [];
    let ask: AblyAuthCallback = () => {};
    const client: AblyRealtime = {
      auth: {
        authorize: (_params, { authCallback }) =>
          new Promise((_resolve, reject) => authCallback({}, (error) => reject(refused.push(error)))),
      },
      connection: { state: 'connecting', connect: () => {}, close: () => {}, on: () => {}, off: () => {} },
    };
    const connection = ablyJs((callback) => {
      ask = callback;
      return client;
    });
    const auth = new Auth({ ...endpoint(() => json({ error: told(40101) }, 403)), connection });
    ask({}, (error) => refused.push(error));
    await auth.getToken().catch(() => {});
    await settle();
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) expect(JSON.stringify(error)).not.toContain('"remediation"');
    auth.dispose();
  });
});

describe('an error of Latchkey', () => {
  it.each<[number, () => Promise<ErrorInfo>]>([
    [40101, () => failureOf(new Auth({ token: 'a-token' }).createTokenRequest())],
    [40170, () => failure(failing(new Error('no such thing')))],
    [40170, () => failure(endpoint(() => text('', 'text/html', 503)))],
    [40300, () => failure(endpoint(() => text('no', 'text/plain', 403)))],
  ])('an error of Latchkey has the remediation of the table: %i', async (code, work) => {
    const error = await work();
    expect(error).toMatchObject({
      code,
      remediation: errorCodes[code as keyof typeof errorCodes].remediation,
    });
    expect(error.href).toBe(pageAbout(code));
  });

  it('an error of Latchkey about a received one has a remediation', async () => {
    const connection = fakeConnection({ state: 'connected' });
    const auth = new Auth({ token: 'a-token', connection });
    const refusal = new ErrorInfo({ ...told(40142), remediation: null });
    connection.report({ type: 'token.refused', error: refusal });
    expect(auth.error).toMatchObject({ code: 40171, remediation: errorCodes[40171].remediation });
    expect((auth.error?.cause as ErrorInfo | undefined)?.code).toBe(40142);
    expect(JSON.stringify(auth.error?.cause)).not.toContain('remediation');
    auth.dispose();
  });

  it('the error of a lost connection says that it reconnects, and that of a failed one does not', async () => {
    expect((await frame(6, {} as Told))?.remediation).toBe(errorCodes[80003].remediation);
    expect((await frame(9, {} as Told))?.remediation).toContain('not retried by itself');
  });

  it('the error after StopRenewing says what helps, whatever the application says', async () => {
    for (const message of ['', 'signed out']) {
      const { remediation } = await failure(failing(new StopRenewing(message)));
      expect(remediation).toContain('authorize()');
    }
  });
});
