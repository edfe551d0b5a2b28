import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Examination, examine, type Report } from '../../../src/cli/doctor/examine.js';
import type { Verdict } from '../../../src/cli/doctor/verdict.js';
import { Auth } from '../../../src/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { waitedFor } from '../../kit/short-waits.js';
import { ADA, KEY, NOW, SECRET } from '../../kit/token-endpoint-harness.js';

const URL_ = 'https://api.example.com/token';
const PAGE = 'https://app.example.com';
const HOUR = 3_600_000;

/** An endpoint: a function from a request to its answer. Some use the clock. */
type Endpoint = (request: Request, clock: VirtualClock) => Response | Promise<Response>;

const slow: Endpoint = async (_request, clock) => {
  await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000));
  return await json(signed({ timestamp: clock.now() }));
};
const silent: Endpoint = () => new Promise<Response>(() => {});
/** A body that is longer than clients read, and endless. */
const stalling: Endpoint = () =>
  new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(200_000).fill(32)) }), {
    headers,
  });
const isSlow = new Set([slow, silent, stalling]);

async function examined(
  endpoint: Endpoint,
  more: Partial<Examination> = {},
  serviceTime: (clock: VirtualClock) => Promise<number> = async (clock) => clock.now(),
) {
  const clock = new VirtualClock(NOW);
  const report = examine(
    { url: URL_, method: 'GET', headers: {}, params: {}, origin: PAGE, clientId: 'ada', ...more },
    {
      clock,
      timeoutMs: 10_000,
      serviceTime: () => serviceTime(clock),
      fetch: async (input, init) => await endpoint(new Request(input, init), clock),
    },
  );
  // Only slow endpoints need the clock to move. Signing takes real time.
  for (let turn = 0; turn < 8 && isSlow.has(endpoint); turn += 1) await clock.advance(3_000);
  return await waitedFor(report, clock);
}

const findingsOf = ({ checks }: Report) =>
  checks.filter(({ level }) => level === 'problem' || level === 'warning');

const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': PAGE,
};

const auth = new Auth(KEY);
let count = 0;

/** A correct TokenRequest, except for `fields`. */
async function signed(fields: object = {}): Promise<object> {
  count += 1;
  const more = { timestamp: NOW, nonce: `0123456789abcde${count}`, ...fields };
  return { ...(await auth.createTokenRequest({ ...ADA, ...more } as never)) };
}

const json = async (body: unknown, more: Record<string, string> = {}) =>
  new Response(JSON.stringify(await body), { headers: { ...headers, ...more } });

const jwt = (claims: { iat: number; exp?: number } & Record<string, unknown>) =>
  new SignJWT({ 'x-ably-clientId': 'ada', 'x-ably-capability': '{"chat:*":["subscribe"]}', ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'appId.keyId' })
    .sign(new TextEncoder().encode(SECRET));

const text = async (token: string | Promise<string>, type = 'text/plain') =>
  new Response(await token, { headers: { ...headers, 'content-type': type } });

/** A new JWT for each second, as an endpoint makes it. */
const bareJwt =
  (claims: Record<string, unknown> = {}, aheadMs = 0): Endpoint =>
  (_request, clock) => {
    const iat = Math.floor((clock.now() + aheadMs) / 1_000);
    return text(jwt({ iat, exp: iat + 3_600, ...claims }), 'application/jwt');
  };

interface Expected {
  readonly check: string;
  readonly level: Verdict['level'];
  readonly observed: string;
  readonly remedy: string;
  readonly code?: number;
}

/** Endpoints with one problem each, and the expected finding. */
const broken: readonly [
  title: string,
  endpoint: Endpoint,
  expected: Expected,
  more?: Partial<Examination>,
  serviceTime?: (clock: VirtualClock) => Promise<number>,
][] = [
  [
    'does not exist',
    () => {
      throw new TypeError('fetch failed');
    },
    {
      check: 'reachable',
      level: 'problem',
      observed: 'no server answers at https://api.example.com',
      remedy: 'Start the server',
      code: 40170,
    },
  ],
  [
    'redirects to another origin',
    async () => {
      const response = await json(signed());
      const from = { url: { value: 'https://elsewhere.example/t' }, redirected: { value: true } };
      const copy = response.clone.bind(response);
      response.clone = () => Object.defineProperties(copy(), from);
      return Object.defineProperties(response, from);
    },
    {
      check: 'reachable',
      level: 'problem',
      observed: 'redirects to another origin, https://elsewhere.example',
      remedy: 'the final address',
      code: 40170,
    },
  ],
  [
    'redirects a form',
    () => new Response(null, { status: 302, headers: { ...headers, location: '/elsewhere' } }),
    {
      check: 'status',
      level: 'problem',
      observed: 'with status 302',
      remedy: 'the final address',
      code: 40170,
    },
    { method: 'POST' },
  ],
  [
    'fails',
    () => new Response('oops', { status: 500, headers }),
    {
      check: 'status',
      level: 'problem',
      observed: 'the endpoint answers 500',
      remedy: 'log of the server',
      code: 40170,
    },
  ],
  [
    'answers 403',
    () => new Response('no', { status: 403, headers }),
    {
      check: 'status',
      level: 'problem',
      observed: 'the endpoint answers 403',
      remedy: 'After 403 a client stops trying',
      code: 40300,
    },
  ],
  [
    'answers with a sign-in page',
    () => new Response('<html>Sign in</html>', { headers: { ...headers, 'content-type': 'text/html' } }),
    {
      check: 'content type',
      level: 'problem',
      observed: 'the content type is text/html',
      remedy: 'answer 401 instead',
      code: 40170,
    },
  ],
  [
    'does not allow other origins',
    async () => {
      const response = await json(signed());
      response.headers.delete('access-control-allow-origin');
      return response;
    },
    {
      check: 'cors',
      level: 'problem',
      observed: 'pages of https://app.example.com cannot read the answer',
      remedy: "cors: { origins: ['https://app.example.com'] }",
      code: 40170,
    },
  ],
  [
    'allows no header of the application',
    () => json(signed()),
    {
      check: 'cors',
      level: 'problem',
      observed: 'cannot send x-csrf',
      remedy: 'access-control-allow-headers',
      code: 40170,
    },
    { headers: { 'x-csrf': '1' } },
  ],
  [
    'allows caching',
    () => json(signed(), { 'cache-control': 'public, max-age=300' }),
    {
      check: 'caching',
      level: 'problem',
      observed: 'can be cached: cache-control: public, max-age=300',
      remedy: 'no-store',
      code: 40105,
    },
  ],
  [
    'sends too long an answer',
    () => json(signed({ capability: { [`chat:${'x'.repeat(140_000)}`]: ['subscribe'] } })),
    { check: 'size', level: 'problem', observed: 'bytes', remedy: 'grant patterns', code: 40170 },
  ],
  [
    'sends an answer without an end',
    stalling,
    { check: 'size', level: 'problem', observed: 'does not end', remedy: 'grant patterns', code: 40170 },
  ],
  [
    'wraps the answer',
    async () => json({ data: await signed() }),
    {
      check: 'format',
      level: 'problem',
      observed: 'neither a TokenDetails nor a TokenRequest',
      remedy: 'not with an object around it',
      code: 40170,
    },
  ],
  [
    'puts a token in quotes',
    () => json('"appId.a-token"'.slice(1, -1)),
    { check: 'format', level: 'problem', observed: 'JSON string', remedy: 'without quotes', code: 40170 },
  ],
  [
    'has a clock ten minutes behind',
    () => json(signed({ timestamp: NOW - 600_000 })),
    {
      check: 'clock',
      level: 'problem',
      observed: '10 min behind the clock of the service',
      remedy: 'NTP',
      code: 40104,
    },
  ],
  [
    'signs with the same nonce each time',
    () => json(signed({ nonce: 'always-the-same-one' })),
    {
      check: 'freshness',
      level: 'problem',
      observed: 'the same nonce',
      remedy: 'a new TokenRequest',
      code: 40105,
    },
  ],
  [
    'requests too long a lifetime',
    () => json(signed({ ttl: 48 * HOUR })),
    {
      check: 'ttl',
      level: 'problem',
      observed: 'lifetime is 48 h',
      remedy: 'a token can live for at most 24 h',
      code: 40003,
    },
  ],
  [
    'sets a ttl in seconds',
    () => json(signed({ ttl: 3_600 })),
    { check: 'ttl', level: 'warning', observed: 'only 3.6 s', remedy: 'ttl is in ms', code: 40142 },
  ],
  [
    'returns expired JWTs',
    () => text(jwt({ iat: NOW / 1000 - 20, exp: NOW / 1000 - 10 - (count++ % 5) })),
    { check: 'ttl', level: 'problem', observed: 'the token expired', remedy: 'a new token', code: 40142 },
  ],
  [
    'returns JWTs without an expiry',
    () => text(jwt({ iat: NOW / 1000 - (count++ % 9) })),
    { check: 'format', level: 'problem', observed: 'no exp', remedy: 'iat and exp', code: 40144 },
  ],
  [
    'returns a token for another client',
    () => json(signed({ clientId: 'bob' })),
    {
      check: 'clientId',
      level: 'problem',
      observed: 'the token is for "bob"',
      remedy: 'the endpoint returns',
      code: 40102,
    },
  ],
  [
    'trusts the requested clientId',
    (request) => json(signed({ clientId: new URL(request.url).searchParams.get('clientId') })),
    {
      check: 'clientId',
      level: 'problem',
      observed: 'any clientId that the caller requests',
      remedy: 'from the session',
    },
  ],
  [
    'grants everything',
    () => json(signed({ capability: { '*': ['*'] } })),
    {
      check: 'capability',
      level: 'problem',
      observed: 'the token allows everything',
      remedy: 'Grant the channels',
    },
  ],
  [
    'sets no capability',
    () => json(signed({ capability: undefined })),
    {
      check: 'capability',
      level: 'problem',
      observed: 'all rights of the key',
      remedy: 'Grant the channels',
    },
  ],
  [
    'reveals the key',
    async () => json({ ...(await signed()), debug: KEY }),
    { check: 'key', level: 'problem', observed: 'an API key', remedy: 'revoke it' },
  ],
  [
    'lets a browser choose another type of its answer',
    async () => {
      const response = await json(signed());
      response.headers.delete('x-content-type-options');
      return response;
    },
    {
      check: 'nosniff',
      level: 'warning',
      observed: 'x-content-type-options is missing',
      remedy: 'Send x-content-type-options: nosniff',
    },
  ],
  [
    'forbids no cache to store its answers',
    () => json(signed(), { 'cache-control': 'private' }),
    { check: 'caching', level: 'warning', observed: 'no header forbids', remedy: 'no-store', code: 40105 },
  ],
  [
    'makes JWTs above 8 KB',
    bareJwt({ 'x-ably-capability': JSON.stringify({ [`chat:${'x'.repeat(7_000)}`]: ['subscribe'] }) }),
    {
      check: 'token length',
      level: 'warning',
      observed: 'the token has 9',
      remedy: 'Grant a pattern',
      code: 80003,
    },
  ],
  [
    'names no clientId for an account that counts users',
    bareJwt({ 'x-ably-clientId': undefined }),
    {
      check: 'device clientId',
      level: 'problem',
      observed: 'the token has no clientId',
      remedy: 'the clientId of the user',
      code: 40012,
    },
    { mau: 'device', clientId: undefined },
  ],
  [
    'gives the claim of a server to a page',
    bareJwt({ 'x-ably-clientType': 'server' }),
    {
      check: 'client type',
      level: 'problem',
      observed: `signed for a server, and goes to a page of ${PAGE}`,
      remedy: 'your own servers only',
    },
  ],
  [
    'has the clock of this machine, a minute behind that of the service',
    bareJwt(),
    {
      check: 'clock',
      level: 'warning',
      observed: "the server's clock is 59 s behind the clock of the service",
      remedy: 'NTP',
      code: 40142,
    },
    {},
    async (clock) => clock.now() + 60_000,
  ],
  [
    'signs TokenRequests with a clock a minute behind that of the service',
    (_request, clock) => json(signed({ timestamp: clock.now() })),
    {
      check: 'clock',
      level: 'warning',
      observed: "the server's clock is 60 s behind the clock of the service",
      remedy: 'NTP',
      code: 40104,
    },
    {},
    async (clock) => clock.now() + 60_000,
  ],
  [
    'puts a token into a JWT that expires later',
    async (_request, clock) => {
      const iat = Math.floor(clock.now() / 1_000);
      const inner = await jwt({ iat, exp: iat + 3_000 });
      return await text(
        new SignJWT({ iat, exp: iat + 3_600, 'x-ably-token': inner })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode('the secret of an app, 32 letters')),
      );
    },
    {
      check: 'embedded token',
      level: 'problem',
      observed: 'the token in the JWT expires 10 min before the JWT around it',
      remedy: 'Set exp of the JWT',
      code: 40144,
    },
  ],
  [
    'is slow',
    slow,
    { check: 'answer time', level: 'warning', observed: '3 s', remedy: 'within two', code: 40170 },
  ],
  [
    'never answers',
    silent,
    {
      check: 'answer time',
      level: 'problem',
      observed: 'has not answered within 10 s',
      remedy: 'waits for',
      code: 40170,
    },
  ],
];

describe('the doctor', () => {
  it('the doctor waits for a preflight no longer than for an answer', async () => {
    const clock = new VirtualClock(NOW);
    const question = { url: URL_, method: 'GET', headers: { 'x-csrf': '1' }, params: {} } as const;
    let report: Promise<Report> | undefined;
    await new Promise<void>((preflighted) => {
      const fetch: typeof globalThis.fetch = (_input, init) => {
        if (init?.method !== 'OPTIONS') return json(signed({ timestamp: clock.now() }));
        preflighted();
        return new Promise(() => {});
      };
      const serviceTime = async () => clock.now();
      const around = { clock, timeoutMs: 10_000, fetch, serviceTime };
      report = examine({ ...question, origin: PAGE, clientId: 'ada' }, around);
    });
    await clock.advance(10_000);
    const findings = findingsOf((await report) as Report);
    expect(findings.map(({ check, observed }) => [check, observed])).toEqual([
      ['cors', `a preflight of ${PAGE} gets no answer within 10 s`],
    ]);
    expect(clock.pending).toBe(0);
  });

  it.each(broken)(
    'the doctor reports only that an endpoint %s',
    async (_title, endpoint, expected, more, serviceTime) => {
      const report = await examined(endpoint, more, serviceTime);
      const findings = findingsOf(report);
      expect(findings.map(({ check, level }) => [check, level])).toEqual([[expected.check, expected.level]]);
      expect(findings[0]?.observed).toContain(expected.observed);
      expect(findings[0]?.remedy?.toLowerCase()).toContain(expected.remedy.toLowerCase());
      expect(findings[0]?.error?.code).toBe(expected.code);
      expect(report.ok).toBe(expected.level === 'warning');
    },
  );

  const nth = (answers: readonly Endpoint[]): Endpoint => {
    const left = [...answers];
    return (request, clock) => (left.shift() as Endpoint)(request, clock);
  };
  const good: Endpoint = () => json(signed());
  const answering = (status: number): Endpoint => {
    return () => new Response('no', { status, headers });
  };
  const gone: Endpoint = () => Promise.reject(new TypeError('fetch failed'));

  it.each<[string, Endpoint[], string, number]>([
    ['fails at the second call', [good, answering(500), good], 'the second call gets 500', 40170],
    ['refuses the second call with 429', [good, answering(429), good], 'the second call gets 429', 40170],
    ['refuses the second call with 403', [good, answering(403), good], 'the second call gets 403', 40300],
    ['does not answer the second call', [good, gone, good], 'the second call gets no answer', 40170],
    [
      'answers only once with a token',
      [good, () => json({ no: 1 }), good],
      'the second call gets 200',
      40170,
    ],
    [
      'fails for an unknown user',
      [good, good, answering(500)],
      'a clientId that no user has gets 500',
      40170,
    ],
    [
      'does not answer for an unknown user',
      [good, good, gone],
      'a clientId that no user has gets no answer',
      40170,
    ],
    [
      'returns an unusable answer for an unknown user',
      [good, good, () => json([])],
      'no user has gets 200',
      40170,
    ],
  ])('the doctor reports that an endpoint %s', async (_title, answers, observed, code) => {
    const report = await examined(nth(answers));
    const findings = findingsOf(report);
    expect(findings.map(({ check, level }) => [check, level])).toEqual([['status', 'problem']]);
    const unchecked = report.checks.filter(
      ({ level, check }) => level === 'skipped' && check !== 'token length',
    );
    expect(unchecked.map(({ check }) => check)).toEqual(
      observed.includes('second call') ? ['freshness'] : ['clientId'],
    );
    expect(findings[0]?.observed).toContain(observed);
    expect(findings[0]?.error?.code).toBe(code);
    expect(report.ok).toBe(false);
  });

  it.each([400, 401, 403])('the doctor accepts a refusal of an unknown user: %i', async (status) => {
    const report = await examined(nth([good, good, answering(status)]));
    expect(findingsOf(report)).toEqual([]);
  });

  it.each(['token-request', 'jwt'] as const)(
    'the doctor finds no problem in a correct endpoint of the format %s',
    async (format) => {
      const endpoint: Endpoint = (request, clock) =>
        tokenEndpoint({
          auth: new Auth({ key: KEY, clock }),
          grant: () => ADA,
          format,
          cors: { origins: [PAGE], headers: ['x-csrf'] },
        })(request);
      const { ok, checks, url } = await examined(endpoint, { headers: { 'x-csrf': '1' } });
      expect(checks.filter(({ level }) => level !== 'ok').map(({ check }) => check)).toEqual(
        format === 'jwt' ? [] : ['token length'],
      );
      expect(ok).toBe(true);
      expect(url).toBe(URL_);
      expect(new Set(checks.map(({ check }) => check))).toEqual(
        new Set([
          'reachable',
          'status',
          'cors',
          'answer time',
          'content type',
          'nosniff',
          'token length',
          'client type',
          'caching',
          'size',
          'key',
          'format',
          'clock',
          'freshness',
          'ttl',
          'clientId',
          'capability',
        ]),
      );
    },
  );

  it.each([
    [
      'an answer with max-age',
      { 'cache-control': 'private, max-age=60' },
      'cache-control: private, max-age=60',
    ],
    [
      'an answer with Expires',
      { 'cache-control': '', expires: new Date(NOW + HOUR).toUTCString() },
      'expires: ',
    ],
    [
      'a network in front of the server',
      { 'cdn-cache-control': 'max-age=60' },
      'cdn-cache-control: max-age=60',
    ],
    ['an older network', { 'surrogate-control': 'max-age="60"' }, 'surrogate-control: max-age="60"'],
    ['another word with no-store in it', { 'cache-control': 'public, x-no-store' }, 'public, x-no-store'],
    ['a cache that did not obey', { age: '7' }, 'came from a cache, 7 s old'],
  ])('a cache may store %s', async (_what, more, observed) => {
    const report = await examined(() => json(signed(), more));
    expect(findingsOf(report)).toEqual([
      expect.objectContaining({
        check: 'caching',
        level: 'problem',
        observed: expect.stringContaining(observed),
      }),
    ]);
  });

  it.each([
    ['no-store', { 'cache-control': 'no-store, max-age=0' }],
    [
      'no-store beside a lifetime',
      { 'cache-control': 'no-store, max-age=60', expires: new Date(NOW + HOUR).toUTCString() },
    ],
    ['a new answer of a network', { age: '0', 'cdn-cache-control': 'no-store' }],
  ])('no cache stores an answer with %s', async (_what, more) => {
    expect(findingsOf(await examined(() => json(signed(), more)))).toEqual([]);
  });

  it('a JWT has time to change before the second request, and no JWT of the same second is a finding', async () => {
    expect(findingsOf(await examined(bareJwt()))).toEqual([]);
    const once = jwt({ iat: NOW / 1_000, exp: NOW / 1_000 + 3_600 });
    const report = await examined(() => text(once));
    expect(findingsOf(report).map(({ check, observed }) => [check, observed])).toEqual([
      ['freshness', 'two calls returned the same token'],
    ]);
  });

  it('an endpoint that keeps its token for some minutes has no wrong clock', async () => {
    const kept = jwt({ iat: NOW / 1_000 - 300, exp: NOW / 1_000 + 3_600 });
    const report = await examined(() => text(kept));
    expect(findingsOf(report).map(({ check }) => check)).toEqual(['freshness']);
    expect(report.checks.find(({ check }) => check === 'clock')?.level).toBe('skipped');
  });

  it.each([
    [-20_000, 'ok'],
    [-40_000, 'warning'],
    [40_000, 'warning'],
    [-130_000, 'problem'],
    [130_000, 'problem'],
  ])('a clock that is %i ms off is a finding of the level %s', async (aheadMs, level) => {
    const report = await examined((_request, clock) => json(signed({ timestamp: clock.now() + aheadMs })));
    expect(report.checks.find(({ check }) => check === 'clock')?.level).toBe(level);
  });

  it.each([0, 60_000])(
    'the time that the service takes is allowed for: it is %i ms ahead',
    async (aheadMs) => {
      const slowly = async (clock: VirtualClock) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_900));
        return clock.now() + aheadMs;
      };
      const report = await examined(
        (_request, clock) => json(signed({ timestamp: clock.now() })),
        {},
        slowly,
      );
      const observed = report.checks.find(({ check }) => check === 'clock')?.observed;
      expect(observed).toBe(
        aheadMs === 0
          ? 'the same as the clock of the service'
          : "the server's clock is 60 s behind the clock of the service",
      );
    },
  );

  it('the time that the endpoint takes after it has signed is allowed for', async () => {
    const report = await examined(async (_request, clock) => {
      const request = await signed({ timestamp: clock.now() });
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 1_900));
      return await json(request);
    });
    expect(report.checks.find(({ check }) => check === 'clock')?.observed).toBe(
      'the same as the clock of the service',
    );
  });

  it('a clock of this machine that is ahead does not hide that the clock of the endpoint is ahead too', async () => {
    const behind = async (clock: VirtualClock) => clock.now() - 60_000;
    const report = await examined((_request, clock) => json(signed({ timestamp: clock.now() })), {}, behind);
    expect(findingsOf(report).map(({ observed }) => observed)).toEqual([
      "the server's clock is 60 s ahead of the clock of the service",
    ]);
  });

  it('the clientId is not checked if the answer for an unknown user does not say it', async () => {
    const endpoint: Endpoint = (request) => {
      const isAda = new URL(request.url).searchParams.get('clientId') === 'ada';
      const token = `appId.a-token-${count++}`;
      return json({
        token,
        issued: NOW,
        expires: NOW + HOUR,
        capability: '{"a":["*"]}',
        clientId: 'ada',
      }).then((all) => (isAda ? all : text(token)));
    };
    const { checks } = await examined(endpoint);
    expect(checks.find(({ check }) => check === 'clientId')).toMatchObject({ level: 'skipped' });
  });

  it('the clock of this machine is compared if the service does not answer', async () => {
    const refused = () => Promise.reject(new TypeError('fetch failed'));
    const report = await examined(() => json(signed({ timestamp: NOW - 600_000 })), {}, refused);
    expect(findingsOf(report).map(({ observed }) => observed)).toEqual([
      "the server's clock is 10 min behind the clock of this machine",
    ]);
  });

  it('a token expires by the time of the service', async () => {
    const wrong = async (clock: VirtualClock) => clock.now() - HOUR;
    const report = await examined(bareJwt({}, -HOUR), {}, wrong);
    expect(findingsOf(report)).toEqual([]);
  });

  it('what an answer does not say is not checked', async () => {
    const bare = () => text(`appId.a-token-${count++}`);
    const { ok, checks } = await examined(bare, { mau: 'device', origin: undefined });
    const unchecked = checks.filter(({ level }) => level === 'skipped');
    expect(ok).toBe(true);
    expect(unchecked.map(({ check, observed }) => `${check}: ${observed}`)).toEqual([
      'cors: not checked: use --origin to send requests as a page of another origin',
      'clock: not checked: the answer has no time',
      'ttl: not checked: the answer does not say when the token expires',
      'clientId: not checked: the answer does not say it',
      'capability: not checked: the answer does not say it',
      'device clientId: not checked: the answer does not say it',
    ]);
  });

  it('what an embedded Ably token contains is not checked', async () => {
    const endpoint: Endpoint = async (_request, clock) => {
      const iat = Math.floor(clock.now() / 1_000);
      const key = new TextEncoder().encode('the secret of an app, 32 letters');
      const signer = new SignJWT({ iat, exp: iat + 600 }).setProtectedHeader({
        alg: 'HS256',
        'x-ably-token': 'a.b',
      });
      return await text(signer.sign(key));
    };
    const report = await examined(endpoint);
    expect(findingsOf(report)).toEqual([]);
    const unchecked = report.checks.filter(({ level }) => level === 'skipped').map(({ check }) => check);
    expect(unchecked).toEqual(['clientId', 'capability', 'embedded token']);
  });

  it.each<[string, Endpoint, string[], string]>([
    [
      'does not exist',
      () => Promise.reject(new TypeError('fetch failed')),
      ['reachable'],
      'there is no answer',
    ],
    [
      'answers 503',
      () => new Response('no', { status: 503, headers }),
      ['reachable', 'status', 'cors', 'answer time', 'key'],
      'the endpoint answers 503',
    ],
    [
      'wraps the answer',
      async () => json({ data: await signed() }),
      [
        'reachable',
        'status',
        'cors',
        'answer time',
        'content type',
        'nosniff',
        'caching',
        'size',
        'key',
        'format',
      ],
      'the answer has no token that can be read',
    ],
  ])(
    'an endpoint that %s is not reported as right where it was not checked',
    async (_title, endpoint, checked, why) => {
      const { checks } = await examined(endpoint, { mau: 'device' });
      const of = (isSkipped: boolean) => checks.filter(({ level }) => (level === 'skipped') === isSkipped);
      expect(of(false).map(({ check }) => check)).toEqual(checked);
      expect(checks.length).toBe(18);
      expect(new Set(of(true).map(({ observed }) => observed))).toEqual(new Set([`not checked: ${why}`]));
    },
  );

  it('a page that sends cookies needs an answer that allows them', async () => {
    const cookie = { cookie: 'session=1' };
    const allowed = async (more: Record<string, string>) =>
      findingsOf(await examined(() => json(signed(), more), { headers: cookie })).map(
        ({ observed }) => observed,
      );
    const credentials = { 'access-control-allow-credentials': 'true' };
    expect(await allowed({})).toEqual([`pages of ${PAGE} cannot send cookies`]);
    expect(await allowed({ ...credentials, 'access-control-allow-origin': '*' })).toEqual([
      `pages of ${PAGE} cannot send cookies`,
    ]);
    expect(await allowed(credentials)).toEqual([]);
  });

  it('a token for a server that no page asked for is a warning', async () => {
    const report = await examined(bareJwt({ 'x-ably-clientType': 'server' }), { origin: undefined });
    expect(findingsOf(report).map(({ check, level }) => [check, level])).toEqual([
      ['client type', 'warning'],
    ]);
  });

  it.each([
    ['a short secret', 'app.key:8letters'],
    ['a very short secret of the key that signed', 'appId.keyId:ab'],
    ['a secret with all digits of Base64', 'app.key:a+b/c=d-e_f'],
    ['a key in an address', '?key=app.key%3A8letters'],
  ])('the doctor sees %s as a key', async (_what, debug) => {
    for (const endpoint of [
      async () => json({ ...(await signed()), debug }),
      () => json(signed(), { 'x-debug': debug }),
    ]) {
      expect(findingsOf(await examined(endpoint)).map(({ check }) => check)).toEqual(['key']);
    }
  });

  it('the doctor sees a short secret in a refusal, and does not repeat it', async () => {
    const said = 'no user app.key:8letters';
    const error = { error: { code: 40300, statusCode: 403, message: said } };
    for (const body of [said, JSON.stringify({ message: said }), JSON.stringify(error)]) {
      const report = await examined(() => new Response(body, { status: 403, headers }));
      expect(findingsOf(report).map(({ check }) => check)).toEqual(['status', 'key']);
      expect(JSON.stringify(report)).toContain('no user [key]');
      expect(JSON.stringify(report)).not.toContain('8letters');
    }
  });

  it.each([
    'https://auth.example.com:8443/oauth/authorize',
    'java.lang.Error: no user',
    'server.js:12345',
    'at file.ts:1:2345678',
  ])('the doctor does not mistake %s for a key', async (debug) => {
    expect(findingsOf(await examined(async () => json({ ...(await signed()), debug })))).toEqual([]);
  });

  it.each([
    ['a text', 'try later', 'try later'],
    ['a message in JSON', '{"message":"no such user"}', 'no such user'],
    ['an error in JSON', '{"error":"invalid_grant"}', 'invalid_grant'],
    ['a problem of RFC 9457', '{"title":"Gone","detail":"no such user"}', 'no such user'],
    ['other JSON', '{"a":[1]}', '{"a":[1]}'],
    ['nothing', '', undefined],
    ['what clients say too', '{"error":{"code":40000,"statusCode":400,"message":"no such user"}}', undefined],
    ['what it was sent', 'bad pin 1234-5678', 'bad pin […]'],
    ['brackets without an end', '<'.repeat(200_000), expect.stringContaining('<<<')],
  ])('the report has the words of an endpoint that refuses: %s', async (_what, body, said) => {
    const report = await examined(() => new Response(body, { status: 400, headers }), {
      params: { pin: '1234-5678' },
    });
    expect(report.checks.find(({ check }) => check === 'status')?.said).toEqual(said);
  });

  it('the doctor does not mistake names of channels and clients for a key', async () => {
    const clientId = 'com.example:somebody-with-a-long-name';
    const capability = { 'com.example:notifications-all': ['subscribe'] };
    const report = await examined(() => json(signed({ clientId, capability })), { clientId });
    expect(findingsOf(report)).toEqual([]);
    const wrapped = await examined(async () => json({ data: await signed({ capability }) }));
    expect(wrapped.checks.find(({ check }) => check === 'key')?.level).toBe('ok');
  });

  it('the report contains no nonce, mac, token or parameter', async () => {
    const request = (await signed()) as { nonce: string; mac: string };
    const report = await examined(() => json(request), {
      url: `${URL_}?session=secret-7`,
      params: { pin: '1234' },
    });
    const told = JSON.stringify(report);
    for (const secret of [request.nonce, request.mac, 'secret-7', '1234']) expect(told).not.toContain(secret);
  });
});
