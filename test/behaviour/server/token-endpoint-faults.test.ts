import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { type GrantFunction, tokenEndpoint } from '../../../src/server/index.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { ADA, EndpointUnderTest, KEY } from '../../kit/token-endpoint-harness.js';

/** No error answer contains anything that a token could be made of. */
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const expectNoToken = (text: string) => expect(text).not.toMatch(/mac|nonce|eyJ|keyName|a-secret/);

describe('a token endpoint whose grant fails', () => {
  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('the database is at 10.0.0.7');
      },
      'grant threw an error',
    ],
    ['rejects', () => Promise.reject(new Error('no')), 'grant threw an error'],
    [
      'throws something that is no error',
      () => {
        throw undefined;
      },
      'grant threw an error',
    ],
    [
      'has a then that throws',
      () => ({
        get then() {
          throw new Error('no');
        },
      }),
      'grant threw an error',
    ],
    ['returns nothing', () => undefined, 'grant returned nothing'],
    ['returns true', () => true, 'grant returned boolean'],
    ['returns a text', () => 'ada', 'grant returned string'],
    ['returns an array', () => [ADA], 'grant returned an array'],
    ['returns a function', () => () => ADA, 'grant returned function'],
    ['misspells', () => ({ clientId: 'ada', capabilty: {} }), 'unknown option "capabilty"'],
    ['forgets the capability', () => ({ clientId: 'ada' }), 'grant returned no capability'],
    ['gives no rights at all', () => ({ capability: {} }), 'allows nothing'],
    ['gives a channel no operation', () => ({ capability: { a: [] } }), 'under "a"'],
    ['gives operations that are a text', () => ({ capability: { a: 'subscribe' } }), 'under "a"'],
    ['gives operations that are numbers', () => ({ capability: { a: [1] } }), 'under "a"'],
    ['gives a capability that is no JSON', () => ({ capability: '{' }), 'no capability'],
    ['gives a capability that is an array', () => ({ capability: [] }), 'no capability'],
    ['gives a clientId that is a number', () => ({ ...ADA, clientId: 7 }), 'clientId'],
    ['gives an empty clientId', () => ({ ...ADA, clientId: '' }), 'clientId'],
    ['gives a clientId of two lines', () => ({ ...ADA, clientId: 'a\nb' }), 'clientId'],
    ['gives a ttl below zero', () => ({ ...ADA, ttl: -1 }), 'ttl'],
    ['gives a ttl without an end', () => ({ ...ADA, ttl: Number.POSITIVE_INFINITY }), 'ttl'],
    ['gives a ttl that is a text', () => ({ ...ADA, ttl: '60000' }), 'ttl'],
    ['gives a revocation key to a TokenRequest', () => ({ ...ADA, revocationKey: 'r' }), 'only a JWT'],
    ['gives claims to a TokenRequest', () => ({ ...ADA, claims: {} }), 'only a JWT'],
    [
      'claims to be somebody else',
      () => ({ ...ADA, claims: { 'x-ably-clientId': 'root' } }),
      'must begin with "ably.channel."',
    ],
    ['claims objects', () => ({ ...ADA, claims: { 'ably.channel.a': {} } }), 'neither a string nor a number'],
  ])('the endpoint answers 500 and reports to onError when grant %s', async (_title, grant, message) => {
    const endpoint = new EndpointUnderTest({ grant: grant as GrantFunction });
    const { status, text, json } = await endpoint.get();
    expect(status).toBe(500);
    expect(json.error).toEqual({
      code: 50000,
      statusCode: 500,
      message: 'the token endpoint failed',
      href: 'https://ably.com/docs/platform/errors/codes/50000-internal-error',
    });
    expectNoToken(text);
    expect(endpoint.heard).toHaveLength(1);
    expect(endpoint.heard[0]?.message).toContain(message);
  });

  it('the endpoint answers 500 when grant hangs, aborts its signal, and drops a late result', async () => {
    let signal: AbortSignal | undefined;
    let late: (grant: typeof ADA) => void = () => {};
    const endpoint = new EndpointUnderTest({
      timeout: 3_000,
      grant: (_request, _asked, context) => {
        signal = context.signal;
        return new Promise((resolve) => {
          late = resolve;
        });
      },
    });
    const answering = endpoint.get();
    await endpoint.clock.advance(2_999);
    expect(signal?.aborted).toBe(false);
    await endpoint.clock.advance(1);
    late(ADA);
    const { status, text, json } = await answering;
    expect([status, json.error?.code]).toEqual([500, 50000]);
    expectNoToken(text);
    expect(signal?.aborted).toBe(true);
    expect(endpoint.heard).toMatchObject([{ code: 50003, message: 'grant did not answer within 3000 ms' }]);
  });

  it('the endpoint keeps no timer after its answer', async () => {
    const endpoint = new EndpointUnderTest({ grant: async () => ADA });
    expect((await endpoint.get()).status).toBe(200);
    expect(endpoint.clock.pending).toBe(0);
  });

  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('the log is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
  ])('the endpoint answers, without an unhandled rejection, when onError %s', async (_how, onError) => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', hear);
    const endpoint = new EndpointUnderTest({ grant: () => undefined as never, onError });
    expect((await endpoint.get()).status).toBe(500);
    await new Promise(setImmediate);
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
  });

  it('the endpoint answers 500 after its client was disposed of', async () => {
    const auth = new Auth({ key: KEY });
    const endpoint = new EndpointUnderTest({ auth, format: 'token' });
    auth.dispose();
    expect((await endpoint.get()).status).toBe(500);
    expect(endpoint.heard).toMatchObject([{ code: 80017 }]);
  });
});

describe('an invalid request to a token endpoint', () => {
  it.each([
    ['ttl=abc', 400, 40003],
    ['ttl=-1', 400, 40003],
    ['ttl=0', 400, 40003],
    ['ttl=1.5', 400, 40003],
    ['ttl=1e9', 400, 40003],
    ['ttl=99999999999999999999', 400, 40003],
    ['clientId=a%0Ab', 400, 40012],
    ['clientId=a%00', 400, 40012],
    ['capability=nonsense', 400, 40003],
    ['capability=[]', 400, 40003],
    ['capability=null', 400, 40003],
    ['capability={"a":"*"}', 400, 40003],
    ['capability={"a":[1]}', 400, 40003],
    ['clientId=a&clientId=b', 400, 40001],
    ['ttl=1&ttl=2', 400, 40001],
  ])('the endpoint refuses the query %s', async (query, status, code) => {
    const { json, text, ...answer } = await new EndpointUnderTest().get(query);
    expect([answer.status, json.error?.code]).toEqual([status, code]);
    expectNoToken(text);
  });

  it.each<[string, string, string | null, number, number]>([
    ['JSON that is none', '{', 'application/json', 400, 40001],
    ['a list', '[]', 'application/json', 400, 40001],
    ['null', 'null', 'application/json', 400, 40001],
    ['a number for clientId', '{"clientId":1}', 'application/json', 400, 40012],
    ['an object for ttl', '{"ttl":{}}', 'application/json', 400, 40003],
    ['a list for ttl', '{"ttl":[1]}', 'application/json', 400, 40003],
    ['a number for capability', '{"capability":1}', 'application/json', 400, 40003],
    ['a deep capability', `{"capability":${nested(50)}}`, 'application/json', 400, 40003],
    [
      'a capability as deep text',
      `capability=${nested(101)}`,
      'application/x-www-form-urlencoded',
      400,
      40003,
    ],
    ['nested 101 times', `{"own":${nested(100)}}`, 'application/json', 400, 40001],
    ['deep JSON', '['.repeat(30_000), 'application/json', 400, 40001],
    ['XML', '<a/>', 'application/xml', 415, 40001],
    ['a form of many parts', '--x--', 'multipart/form-data; boundary=x', 415, 40001],
    ['more than fits', `ttl=1&x=${'y'.repeat(70_000)}`, 'application/x-www-form-urlencoded', 413, 40001],
  ])('the endpoint refuses a body that is %s', async (_title, body, type, status, code) => {
    const { json, text, ...answer } = await new EndpointUnderTest().post(body, type);
    expect([answer.status, json.error?.code]).toEqual([status, code]);
    expectNoToken(text);
  });

  it('the endpoint refuses bytes that are not text', async () => {
    const { status } = await new EndpointUnderTest().post(new Uint8Array([0xff, 0xfe, 0x80]));
    expect(status).toBe(400);
  });

  it('the endpoint refuses a request for too many channels', async () => {
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`c${index}`, ['*']]));
    const { json } = await new EndpointUnderTest().post(JSON.stringify({ capability: many }));
    expect(json.error).toMatchObject({ code: 40003, message: 'capability names more than 256 channels' });
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('the endpoint refuses %s', async (method) => {
    const { status, headers } = await new EndpointUnderTest().send(
      new Request('https://example.com/token', { method }),
    );
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
  });

  it('the endpoint treats __proto__ as any other name', async () => {
    const endpoint = new EndpointUnderTest({ grant: () => ({ ...ADA, capability: { '*': ['*'] } }) });
    const body = '{"__proto__":{"ttl":1},"capability":{"__proto__":["subscribe"]}}';
    expect((await endpoint.post(body)).json).toMatchObject({
      ttl: 600_000,
      capability: '{"__proto__":["subscribe"]}',
    });
  });

  it('the endpoint stops reading an endless body and releases it', async () => {
    let given = 0;
    let isCancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(1_024).fill(0x61));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const request = new Request('https://example.com/token', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect((await new EndpointUnderTest().send(request)).status).toBe(413);
    expect(given).toBeLessThan(80);
    expect(isCancelled).toBe(true);
  });

  it('the endpoint waits for a missing body only as long as its timeout', async () => {
    const endpoint = new EndpointUnderTest({ timeout: 2_000 });
    let isCancelled = false;
    const body = new ReadableStream({
      cancel() {
        isCancelled = true;
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const answering = endpoint.send(new Request('https://example.com/token', init));
    await settle();
    await endpoint.clock.advance(2_000);
    const { status, json } = await answering;
    expect([status, json.error?.code]).toEqual([408, 40001]);
    expect(isCancelled).toBe(true);
  });
});

describe('the options of a token endpoint', () => {
  const good = { auth: new Auth(KEY), grant: () => ADA };

  it.each<[string, object, number, string]>([
    ['no key', { auth: new Auth({ token: 'a-token' }) }, 40101, 'made with a key'],
    [
      'another source besides',
      { auth: new Auth({ key: KEY, authUrl: 'https://x.example/t' }) },
      40101,
      'no other source',
    ],
    ['something else for auth', { auth: {} }, 40101, 'auth must be a Latchkey Auth'],
    ['no grant', { grant: undefined }, 40003, 'grant is undefined'],
    ['a grant that is none', { grant: ADA }, 40003, 'grant is an object'],
    ['an unknown format', { format: 'tokens' }, 40003, 'format is a string'],
    ['a name of a method for a format', { format: 'toString' }, 40003, 'format is a string'],
    ['an unknown option', { ttl: 5 }, 40003, 'unknown option "ttl"'],
    ['no time', { timeout: 0 }, 40003, 'timeout is 0'],
    ['any origin', { cors: { origins: ['*'] } }, 40003, 'cors.origins'],
    ['an origin with a path', { cors: { origins: ['https://a.example/'] } }, 40003, 'cors.origins'],
    ['an origin that is none', { cors: { origins: ['null'] } }, 40003, 'cors.origins'],
    ['no list of origins', { cors: { origins: 'https://a.example' } }, 40003, 'cors.origins'],
    ['a header of two lines', { cors: { origins: [], headers: ['a\r\nb'] } }, 40003, 'cors.headers'],
    ['unknown CORS', { cors: { origin: [] } }, 40003, 'unknown option "origin"'],
  ])('the options of a token endpoint are refused with %s', (_title, options, code, message) => {
    const make = () => tokenEndpoint({ ...good, ...options } as never);
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
