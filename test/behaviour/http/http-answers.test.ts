import { describe, expect, it } from 'vitest';
import { receivedError, receivedHref, receivedMessage } from '../../../src/errors/received-error.js';
import { retryAfterMs } from '../../../src/http/retry-after.js';
import { errorFrom } from '../../../src/http/service-error.js';
import { BODY_LIMIT, readBody, UnusableBody } from '../../../src/platform/body.js';

const NOW = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;

describe('the body of an answer', () => {
  const streamed = (...chunks: readonly Uint8Array<ArrayBuffer>[]) => {
    const seen = { cancelled: false };
    const left = [...chunks];
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const chunk = left.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel() {
        seen.cancelled = true;
      },
    });
    return { seen, response: new Response(stream) };
  };

  it('a body is decoded as text, even if a character is split between two chunks', async () => {
    const [first = 0, ...rest] = new TextEncoder().encode('ü and ☃');
    expect(await readBody(streamed(new Uint8Array([first]), new Uint8Array(rest)).response)).toBe('ü and ☃');
    expect(await readBody(new Response(null))).toBe('');
    expect(await readBody(new Response(''))).toBe('');
  });

  it('a body may have 128 KiB and no byte more', async () => {
    expect(await readBody(new Response('x'.repeat(BODY_LIMIT)))).toHaveLength(BODY_LIMIT);
    await expect(readBody(new Response('x'.repeat(BODY_LIMIT + 1)))).rejects.toThrow(UnusableBody);
    await expect(readBody(new Response('ü'.repeat(BODY_LIMIT / 2 + 1)))).rejects.toThrow('131072 bytes');
  });

  it('a body that is too long is released', async () => {
    const block = new Uint8Array(BODY_LIMIT);
    const { response, seen } = streamed(block, block, block);
    await expect(readBody(response)).rejects.toThrow(UnusableBody);
    expect(seen.cancelled).toBe(true);
  });

  it.each([
    ['in the middle', [0xff, 0x41]],
    ['at the end', [0x41, 0xc3]],
  ])('a body that is not UTF-8 %s is refused', async (_where, bytes) => {
    const { response } = streamed(new Uint8Array(bytes));
    await expect(readBody(response)).rejects.toThrow('not UTF-8');
    const more = streamed(new Uint8Array([0xff]), new Uint8Array([0x41]), new Uint8Array([0x41]));
    await expect(readBody(more.response)).rejects.toThrow(UnusableBody);
  });

  it.each(['before', 'while'])('a body is released when the signal aborts %s it is read', async (when) => {
    const over = new AbortController();
    let cancelled: unknown;
    const half = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('half of')),
      cancel(reason) {
        cancelled = reason;
      },
    });
    const why = new Error('no longer wanted');
    if (when === 'before') over.abort(why);
    const reading = expect(readBody(new Response(half), over.signal)).rejects.toBe(why);
    over.abort(why);
    await reading;
    expect(cancelled).toBe(why);
  });

  it('a body fails with the error of its stream', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('cut off')) });
    await expect(readBody(new Response(broken))).rejects.toThrow('cut off');
  });
});

describe('Retry-After', () => {
  it.each<[string, number | undefined]>([
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
    ['Tuesday, 01-Jan-30 00:00:30 GMT', 30_000],
    ['Tue Jan  1 00:00:30 2030', 30_000],
    ['Mon, 31 Dec 2029 23:59:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['1.5', undefined],
    ['-5', undefined],
    ['5 s', undefined],
    ['2030', 2_030_000],
    ['2030-01-01', undefined],
    ['Monday', undefined],
    ['3601', HOUR],
    ['315360000', HOUR],
    ['9'.repeat(400), HOUR],
    ['Tue, 01 Jan 2030 01:00:01 GMT', HOUR],
    ['Wed, 01 Jan 2131 00:00:00 GMT', HOUR],
  ])('the Retry-After %j is %j ms', (value, ms) => {
    expect(retryAfterMs(new Headers({ 'retry-after': value }), NOW)).toBe(ms);
  });

  it.each<[string, string, number]>([
    ['Tue, 01 Jan 2030 00:00:30 GMT', 'Tue, 01 Jan 2030 00:00:00 GMT', 30_000],
    ['Tue, 01 Jan 2030 00:00:30 GMT', 'Tue, 01 Jan 2030 00:01:00 GMT', 0],
    ['7', 'Tue, 01 Jan 2030 00:01:00 GMT', 7_000],
  ])(
    'the Retry-After %j in an answer of %j counts from the answer’s Date, whatever the local clock says',
    (value, date, ms) => {
      const headers = new Headers({ 'retry-after': value, date });
      expect([0, NOW, 2 * NOW].map((wallNow) => retryAfterMs(headers, wallNow))).toEqual([ms, ms, ms]);
    },
  );

  it('Retry-After counts from the local clock if the answer has no readable Date', () => {
    const headers = new Headers({ 'retry-after': 'Tue, 01 Jan 2030 00:00:30 GMT', date: 'yesterday' });
    expect(retryAfterMs(headers, NOW)).toBe(30_000);
  });

  it('Retry-After is read as UTC in every time zone', () => {
    const { TZ } = process.env;
    process.env.TZ = 'America/New_York';
    try {
      expect(new Date(NOW).getTimezoneOffset()).toBe(300);
      expect(retryAfterMs(new Headers({ 'retry-after': 'Tue Jan  1 00:00:30 2030' }), NOW)).toBe(30_000);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  it('an answer without Retry-After has none', () => {
    expect(retryAfterMs(new Headers(), NOW)).toBeUndefined();
  });
});

describe('an error answer', () => {
  const refusal = (body: unknown, status = 401, headers: Record<string, string> = {}) =>
    errorFrom(
      new Response(null, { status, headers }),
      typeof body === 'string' ? body : JSON.stringify(body),
      NOW,
    );

  it('an error answer becomes the error in its body (TI2)', () => {
    const error = {
      code: 40142,
      statusCode: 401,
      message: 'Token expired',
      href: 'https://help.ably.io/error/40142',
    };
    expect(refusal({ error })).toMatchObject(error);
  });

  it('an error answer without a status has the status of the HTTP answer', () => {
    expect(refusal({ error: { code: 40300, message: 'no' } }, 403)).toMatchObject({
      code: 40300,
      statusCode: 403,
    });
  });

  it('an error answer keeps the cause, and how long to wait', () => {
    const cause = { code: 50003, message: 'slow' };
    const told = refusal({ error: { code: 50000, message: 'x', cause } }, 500, { 'retry-after': '3' });
    expect(told).toMatchObject({
      retryAfterMs: 3_000,
      cause: { name: 'ErrorInfo', code: 50003, statusCode: 500 },
    });
  });

  it.each<[string, unknown]>([
    ['a page', '<html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['JSON of another form', { message: 'no' }],
    ['an error without a code', { error: { message: 'no' } }],
    ['a code that is text', { error: { code: '40142', statusCode: 401 } }],
    ['a list', []],
  ])('an error answer with %s is recognised by its status', (_what, body) => {
    expect(refusal(body, 418)).toMatchObject({
      code: 41_800,
      statusCode: 418,
      message: 'the server answered 418',
    });
  });

  it('an error answer is recognised by its header if the body has no error', () => {
    expect(refusal('', 401, { 'x-ably-errorcode': '40142' })).toMatchObject({ code: 40142, statusCode: 401 });
  });

  it.each(['Infinity', '1e400', '0x9c42', '-40142', '40142.5', '9'.repeat(400), 'soon', ''])(
    'an error has the code of its status where the header holds no code: %s',
    (code) => {
      expect(refusal('', 401, { 'x-ably-errorcode': code })).toMatchObject({ code: 40100, statusCode: 401 });
    },
  );

  it('an error answer without a reason says so, and links to the page of its code (TI5)', () => {
    for (const odd of [{}, { message: '', href: '' }, { message: 7, href: 7 }]) {
      expect(refusal({ error: { code: 40100, statusCode: 401, ...odd } })).toMatchObject({
        message: 'no reason was given',
        href: 'https://ably.com/docs/platform/errors/codes/40100-unauthorized',
      });
    }
  });

  it('an error answer shows nothing that may be a secret', () => {
    const secret = 'xVLyHw.CLQuTw:aB3dE5gH7jK9mN1pQ';
    const told = refusal({
      error: {
        code: 40101,
        statusCode: 401,
        message: `bad key ${secret}, try again`,
        href: `https://help.example/?key=${secret}`,
        cause: { code: 40005, message: `in ${secret}` },
      },
    });
    expect(told.message).toBe('bad key […], try again');
    expect(JSON.stringify(told) + String(told)).not.toMatch(/aB3dE5gH7jK9mN1pQ|xVLyHw/);
  });
});

describe('a received message', () => {
  const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2lnbmF0dXJlLW9mLXRoaXM';

  it.each<[string, string]>([
    ['Token expired', 'Token expired'],
    [
      'unable to reach https://help.ably.io/error/40140 (code 40140)',
      'unable to reach https://help.ably.io/error/40140 (code 40140)',
    ],
    ['the well-known-configuration-of-things', 'the well-known-configuration-of-things'],
    [`token ${JWT} is bad`, 'token […] is bad'],
    [`Authorization: Bearer ${btoa('app.key:a-secret-of-mine')}`, 'Authorization: Bearer […]'],
    [`https://example.com/t?key=${'aB1'.repeat(10)}`, 'https://example.com/t?[…]'],
    ['x'.repeat(20), '[…]'],
    [`${'word '.repeat(100)}`, `${'word '.repeat(60)}…`],
  ])('the message %j is shown as %j', (text, shown) => {
    expect(receivedMessage(text)).toBe(shown);
  });

  it.each<[unknown, string | undefined]>([
    ['https://help.ably.io/error/40140', 'https://help.ably.io/error/40140'],
    ['http://example.com/help', 'http://example.com/help'],
    ['https://example.com/help?a=1', undefined],
    ['https://user:pass@example.com/', undefined],
    [`https://example.com/${JWT}`, undefined],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
  ])('the link %j becomes %j', (href, shown) => {
    expect(receivedHref(href)).toBe(shown);
  });

  it('an error needs two numbers', () => {
    expect(receivedError('{"error":{"code":1,"statusCode":2}}')).toMatchObject({ code: 1, statusCode: 2 });
    expect(receivedError('{"error":{"code":1}}')).toBeUndefined();
    expect(receivedError('{"error":null}', 400)).toBeUndefined();
  });
});
