import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type Examination, examine, type Report } from '../../../src/cli/doctor/examine.js';
import type { Verdict } from '../../../src/cli/doctor/verdict.js';
import { Auth } from '../../../src/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
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

async function examined(endpoint: Endpoint, more: Partial<Examination> = {}) {
  const clock = new VirtualClock(NOW);
  const report = examine(
    { url: URL_, method: 'GET', headers: {}, params: {}, origin: PAGE, clientId: 'ada', ...more },
    {
      clock,
      timeoutMs: 10_000,
      fetch: async (input, init) => await endpoint(new Request(input, init), clock),
    },
  );
  // Only slow endpoints need the clock to move. Signing takes real time.
  for (let turn = 0; turn < 8 && isSlow.has(endpoint); turn += 1) await clock.advance(3_000);
  return await report;
}

const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
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

const jwt = (times: { iat: number; exp?: number }) =>
  new SignJWT({ 'x-ably-clientId': 'ada', 'x-ably-capability': '{"chat:*":["subscribe"]}', ...times })
    .setProtectedHeader({ alg: 'HS256', kid: 'appId.keyId' })
    .sign(new TextEncoder().encode(SECRET));

const text = async (token: string | Promise<string>, type = 'text/plain') =>
  new Response(await token, { headers: { ...headers, 'content-type': type } });

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
    async () =>
      new Response(JSON.stringify(await signed()), {
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      }),
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
      observed: 'can be cached: public, max-age=300',
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
      observed: '10 min behind the clock of this machine',
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
      observed: 'no answer within 10 s',
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
      report = examine({ ...question, origin: PAGE, clientId: 'ada' }, { clock, timeoutMs: 10_000, fetch });
    });
    await clock.advance(10_000);
    const findings = ((await report) as Report).checks.filter(({ level }) => level !== 'ok');
    expect(findings.map(({ check, observed }) => [check, observed])).toEqual([
      ['cors', `a preflight of ${PAGE} gets no answer within 10 s`],
    ]);
    expect(clock.pending).toBe(0);
  });

  it.each(broken)('the doctor reports only that an endpoint %s', async (_title, endpoint, expected, more) => {
    const report = await examined(endpoint, more);
    const findings = report.checks.filter(({ level }) => level !== 'ok');
    expect(findings.map(({ check, level }) => [check, level])).toEqual([[expected.check, expected.level]]);
    expect(findings[0]?.observed).toContain(expected.observed);
    expect(findings[0]?.remedy?.toLowerCase()).toContain(expected.remedy.toLowerCase());
    expect(findings[0]?.error?.code).toBe(expected.code);
    expect(report.ok).toBe(expected.level === 'warning');
  });

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
    const findings = report.checks.filter(({ level }) => level !== 'ok');
    expect(findings.map(({ check, level }) => [check, level])).toEqual([['status', 'problem']]);
    expect(findings[0]?.observed).toContain(observed);
    expect(findings[0]?.error?.code).toBe(code);
    expect(report.ok).toBe(false);
  });

  it.each([400, 401, 403])('the doctor accepts a refusal of an unknown user: %i', async (status) => {
    const report = await examined(nth([good, good, answering(status)]));
    expect(report.checks.filter(({ level }) => level !== 'ok')).toEqual([]);
  });

  it.each(['token-request', 'jwt'] as const)(
    'the doctor finds no problem in a correct endpoint of the format %s',
    async (format) => {
      const endpoint: Endpoint = (request, clock) =>
        tokenEndpoint({
          auth: new Auth({ key: KEY, clock }),
          // A JWT counts in seconds, so two JWTs of one second would be equal.
          grant: () => ({ ...ADA, ...(format === 'jwt' ? { revocationKey: `n${count++}` } : {}) }),
          format,
          cors: { origins: [PAGE], headers: ['x-csrf'] },
        })(request);
      const { ok, checks, url } = await examined(endpoint, { headers: { 'x-csrf': '1' } });
      expect(checks.filter(({ level }) => level !== 'ok')).toEqual([]);
      expect(ok).toBe(true);
      expect(url).toBe(URL_);
      expect(new Set(checks.map(({ check }) => check))).toEqual(
        new Set([
          'reachable',
          'status',
          'cors',
          'answer time',
          'content type',
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

  it('the doctor does not mistake names of channels and clients for a key', async () => {
    const clientId = 'com.example:somebody-with-a-long-name';
    const capability = { 'com.example:notifications-all': ['subscribe'] };
    const report = await examined(() => json(signed({ clientId, capability })), { clientId });
    expect(report.checks.filter(({ level }) => level !== 'ok')).toEqual([]);
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
