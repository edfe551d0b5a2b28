import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { basic, bearer } from '../../../src/http/headers.js';
import { AGENT } from '../../../src/http/hosts.js';
import { createRest, type RestOptions } from '../../../src/http/rest.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp, text } from '../../uts/mock-http.js';

const REQUEST = { keyName: 'app.key', timestamp: 1, nonce: 'a-nonce-of-16-chars', mac: 'm' };
const never = () => new AbortController().signal;

const setUp = (handle: ConstructorParameters<typeof MockHttp>[0], more: Partial<RestOptions> = {}) => {
  const clock = new VirtualClock();
  const http = new MockHttp(handle);
  const fetch: typeof globalThis.fetch = (input, init) =>
    Promise.race([http.fetch(input, init), aborted(init?.signal)]);
  return { clock, http, rest: createRest({ fetch, clock, random: () => 0, ...more }) };
};

/** The signal that was given itself: that of a Request made with it is lost when the Request is collected. */
function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const hostsOf = ({ requests }: MockHttp) => requests.map(({ url }) => url.hostname);
const PRIMARY = 'main.realtime.ably.net';
const FALLBACKS = ['a', 'b', 'c'].map((letter) => `main.${letter}.fallback.ably-realtime.com`);

describe('a request to Ably', () => {
  it('exchanges a TokenRequest as it is, without credentials', async () => {
    const { rest, http } = setUp(() => json({ token: 't', expires: '5', more: 1 }, 201), {
      clientId: 'ädä ☃',
    });
    expect(await rest.requestToken(REQUEST, never())).toEqual({ token: 't', expires: 5 });
    const [request] = http.requests;
    expect(request?.url.href).toBe(`https://${PRIMARY}/keys/app.key/requestToken`);
    expect(request?.method).toBe('POST');
    expect(JSON.parse(request?.body ?? '')).toEqual(REQUEST);
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'x-ably-version': '6',
      'ably-agent': AGENT,
      'x-ably-clientid': Buffer.from('ädä ☃').toString('base64'),
    });
  });

  it('says who asks, in the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(AGENT).toBe(`latchkey/${version}`);
  });

  it('writes credentials in UTF-8 (RSA11, RSA3b)', () => {
    const of = (header: string) => Buffer.from(header.split(' ')[1] ?? '', 'base64').toString();
    expect(of(basic({ name: 'app.key', secret: 'sec:rét' }))).toBe('app.key:sec:rét');
    expect(of(bearer('tökén'))).toBe('tökén');
  });

  it('never follows a redirect', async () => {
    const asked: (RequestInit | undefined)[] = [];
    const fetch: typeof globalThis.fetch = async (_url, init) => {
      asked.push(init);
      return json([1]);
    };
    await createRest({ fetch, clock: new VirtualClock(), random: () => 0 }).time(never());
    expect(asked[0]).toMatchObject({ redirect: 'manual', cache: 'no-store' });
  });
});

describe('another host is asked', () => {
  it.each<[string, () => Response | Error]>([
    ['cannot be reached', () => new TypeError('fetch failed')],
    ['answers 500', () => ablyError(50000, 500)],
    ['answers 504', () => text('', 'text/html', 504)],
    ['is CloudFront and answers 403', () => json({}, 403, { server: 'CloudFront' })],
    ['breaks off', () => new Response(new ReadableStream({ start: (one) => one.error(new Error('cut')) }))],
  ])('when one %s (RSC15l)', async (_what, answer) => {
    const { rest, http } = setUp(({ url }) => (url.hostname === PRIMARY ? answer() : json([7])));
    expect(await rest.time(never())).toBe(7);
    expect(await rest.time(never())).toBe(7);
    expect(hostsOf(http)).toEqual([PRIMARY, FALLBACKS[0], FALLBACKS[0]]);
  });

  it.each<[string, () => Response, object]>([
    ['refuses', () => ablyError(40101, 401), { code: 40101, statusCode: 401 }],
    ['answers 505', () => text('', 'text/html', 505), { code: 50500, statusCode: 505 }],
    ['answers with a page', () => text('<html>', 'text/html'), { code: 40170 }],
    [
      'answers with too much',
      () => text('x'.repeat(200_000)),
      { message: expect.stringContaining('131072') },
    ],
    [
      'answers with no text',
      () => new Response(new Uint8Array([0xff])),
      { message: expect.stringContaining('UTF-8') },
    ],
    ['tells no time', () => json({ now: 1 }), { code: 40170 }],
  ])('but not when one %s', async (_what, answer, error) => {
    const { rest, http } = setUp(answer);
    await expect(rest.time(never())).rejects.toMatchObject({ name: 'ErrorInfo', ...error });
    expect(http.requests).toHaveLength(1);
  });

  it('three at most, and the last failure is told', async () => {
    const { rest, http } = setUp((_request, index) => ablyError(50000 + index, 500, `try ${index}`));
    await expect(rest.requestToken(REQUEST, never())).rejects.toMatchObject({
      code: 50003,
      message: 'try 3',
    });
    expect(hostsOf(http)).toEqual([PRIMARY, ...FALLBACKS]);
  });

  it('where a 500 has a body nobody can read', async () => {
    const { rest, http } = setUp(() => text('x'.repeat(200_000), 'text/html', 500));
    await expect(rest.time(never())).rejects.toMatchObject({ code: 50000, statusCode: 500 });
    expect(http.requests).toHaveLength(4);
  });

  it('when one does not begin to answer in 4 s', async () => {
    const { rest, http, clock } = setUp(({ url }) => (url.hostname === PRIMARY ? 'hang' : json([7])));
    const time = rest.time(never());
    await clock.advance(3_999);
    expect(http.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await time).toBe(7);
    expect(clock.pending).toBe(0);
  });

  it('when one does not end its answer in 10 s, though fetch ties no body to the signal', async () => {
    const half = () =>
      new Response(new ReadableStream({ start: (one) => one.enqueue(new Uint8Array([0x5b])) }));
    const { rest, http, clock } = setUp(({ url }) => (url.hostname === PRIMARY ? half() : json([7])));
    const time = rest.time(never());
    await clock.advance(9_999);
    expect(http.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await time).toBe(7);
    expect(clock.pending).toBe(0);
  });

  it('no more after 15 s', async () => {
    const { rest, http, clock } = setUp(() => 'hang', { httpOpenTimeout: 8_000 });
    const failure = expect(rest.time(never())).rejects.toMatchObject({ code: 80003 });
    await clock.advance(60_000);
    await failure;
    expect(http.requests).toHaveLength(2);
  });

  it('no more when nobody waits', async () => {
    const { rest, http, clock } = setUp(() => 'hang');
    const over = new AbortController();
    const failure = expect(rest.time(over.signal)).rejects.toThrow();
    await settle();
    over.abort(new Error('gone'));
    await failure;
    expect(http.requests).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe('what was revoked', () => {
  const revoke = (answer: unknown) =>
    setUp(() => json(answer)).rest.revokeTokens({ name: 'app.key', secret: 's' }, {}, never());

  it('is told with counts, whichever form the server answers in', async () => {
    const good = { target: 'clientId:a', issuedBefore: 1, appliesAt: 2 };
    const bad = { target: 'clientId:b', error: { code: 40160, statusCode: 401, message: 'no' } };
    for (const answer of [[good, bad], { successCount: 9, results: [good, bad] }]) {
      expect(await revoke(answer)).toMatchObject({
        successCount: 1,
        failureCount: 1,
        results: [good, { target: 'clientId:b', error: { name: 'ErrorInfo', code: 40160, message: 'no' } }],
      });
    }
  });

  it.each([null, 7, {}, { results: 7 }, [null], { results: ['x'] }])('is not told by %j', async (answer) => {
    await expect(revoke(answer)).rejects.toMatchObject({ name: 'ErrorInfo', code: 50000 });
  });
});
