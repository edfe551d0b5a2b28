import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { pageAbout } from '../../../src/errors/remedies.js';
import { Auth } from '../../../src/index.js';
import { type Asked, refuse, tokenEndpoint } from '../../../src/server/index.js';
import { SandboxHarness } from '../../kit/sandbox-harness.js';
import { ADA, type Answer, EndpointUnderTest, KEY, NOW, SECRET } from '../../kit/token-endpoint-harness.js';

const capabilityIn = (answer: { json: Record<string, unknown> }) =>
  JSON.parse(String(answer.json.capability)) as Record<string, string[]>;

describe('a token endpoint', () => {
  it('the endpoint answers with a TokenRequest of the grant that must not be cached', async () => {
    const { status, headers, json } = await new EndpointUnderTest().get();
    expect(status).toBe(200);
    expect(json).toEqual({
      keyName: 'appId.keyId',
      clientId: 'ada',
      ttl: 600_000,
      capability: '{"chat:*":["publish","subscribe"],"news":["subscribe"]}',
      timestamp: NOW,
      nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
      mac: expect.any(String),
    });
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('the endpoint signs a new TokenRequest for each answer', async () => {
    const endpoint = new EndpointUnderTest();
    const [one, other] = [await endpoint.get(), await endpoint.get()];
    expect(one.json.nonce).not.toBe(other.json.nonce);
    expect(one.json.mac).not.toBe(other.json.mac);
  });

  it.each([
    ['less', '60000', 60_000],
    ['as much', '600000', 600_000],
    ['more', '86400000', 600_000],
  ])('the lifetime is the shorter one when a client requests %s', async (_title, ttl, expected) => {
    expect((await new EndpointUnderTest().get({ ttl })).json.ttl).toBe(expected);
  });

  it('the lifetime is an hour if the grant has none', async () => {
    const { ttl: _left, ...grant } = ADA;
    const endpoint = new EndpointUnderTest({ grant: () => grant });
    expect((await endpoint.get({ ttl: '7200000' })).json.ttl).toBe(3_600_000);
  });

  it.each([
    ['narrower', { 'chat:lobby': ['subscribe'] }, { 'chat:lobby': ['subscribe'] }],
    ['everything', { '[*]*': ['*'] }, ADA.capability],
    ['partly more', { 'chat:*': ['*'], admin: ['*'] }, { 'chat:*': ['publish', 'subscribe'] }],
    ['another operation too', { news: ['publish', 'subscribe'] }, { news: ['subscribe'] }],
  ])(
    'the capability is what was both requested and granted when the requested one is %s',
    async (_title, asked, expected) => {
      const answer = await new EndpointUnderTest().get({ capability: JSON.stringify(asked) });
      expect(capabilityIn(answer)).toEqual(expected);
    },
  );

  it('the endpoint refuses with 40160 when nothing of the requested capability is granted', async () => {
    const { status, json } = await new EndpointUnderTest().get({ capability: '{"admin":["*"]}' });
    expect([status, json.error?.code]).toEqual([401, 40160]);
    expect(json).not.toHaveProperty('mac');
  });

  it.each([
    ['{"[][*]*":["*"]}', 400, 40003],
    ['{"[][meta]log":["*"]}', 400, 40003],
    ['{"[*][meta]log":["*"]}', 401, 40160],
    ['{"[*][*]*":["*"]}', 401, 40160],
  ])(
    'the endpoint grants no other kind of channel, whatever is in brackets: %s',
    async (capability, ...no) => {
      const grant = () => ({ clientId: 'ada', capability: { '*': ['subscribe'] } });
      for (const format of ['token-request', 'jwt'] as const) {
        const { status, json } = await new EndpointUnderTest({ grant, format }).get({ capability });
        expect([status, json.error?.code]).toEqual(no);
      }
    },
  );

  it.each([
    ['a name, whoever asks', 'ada', 'bob', 'ada'],
    ['a name, when anybody is asked for', 'ada', '*', 'ada'],
    ['nobody', null, 'bob', undefined],
    ['nobody, left out', undefined, 'bob', undefined],
    ['the name that is asked for, where anybody is granted', '*', 'bob', 'bob'],
    ['anybody, where nobody is asked for', '*', undefined, '*'],
  ])('the token is for %s', async (_title, granted, asked, expected) => {
    const { clientId: _left, ...rest } = ADA;
    const grant = granted === undefined ? rest : { ...rest, clientId: granted };
    const endpoint = new EndpointUnderTest({ grant: () => grant });
    const { json } = await endpoint.get(asked === undefined ? {} : { clientId: asked });
    expect(json.clientId).toBe(expected);
  });

  it('the answer never has the issuing client’s own clientId or stored parameters', async () => {
    const auth = new Auth({ key: KEY, clientId: 'backend', defaultTokenParams: { ttl: 86_400_000 } });
    const grant = () => ({ capability: { a: ['subscribe'] }, ttl: 1_000 });
    for (const format of ['token-request', 'jwt'] as const) {
      const endpoint = tokenEndpoint({ auth, grant, format, checkClock: false });
      const { ttl, issued, expires, ...body } = await (
        await endpoint(new Request('https://example.com/'))
      ).json();
      expect(body).not.toHaveProperty('clientId');
      expect([ttl ?? expires - issued, body.capability]).toEqual([1_000, '{"a":["subscribe"]}']);
    }
  });

  it('a client cannot choose timestamp, nonce or key', async () => {
    const chosen = { timestamp: '1', nonce: '0123456789abcdef', keyName: 'other.key', mac: 'x' };
    const { json } = await new EndpointUnderTest().get(chosen);
    expect(json).toMatchObject({ timestamp: NOW, keyName: 'appId.keyId' });
    expect(json.nonce).not.toBe(chosen.nonce);
    expect(json.mac).not.toBe('x');
  });

  it('grant receives the request and the requested parameters, however they were sent', async () => {
    const seen: (readonly [string | null, Omit<Asked, 'params'>, Record<string, unknown>])[] = [];
    const endpoint = new EndpointUnderTest({
      grant: (request, { params, ...asked }) => {
        seen.push([request.headers.get('cookie'), asked, Object.fromEntries(params)]);
        return ADA;
      },
    });
    const asked = { ttl: 5_000, clientId: 'ada', capability: { news: ['subscribe'] } };
    const flat = { ttl: '5000', clientId: 'ada', capability: '{"news":["subscribe"]}', room: '7' };
    await endpoint.get(flat, { cookie: 'session=1' });
    await endpoint.post(new URLSearchParams(flat).toString(), 'application/x-www-form-urlencoded');
    await endpoint.post(JSON.stringify({ ...asked, room: 7 }), 'application/json; charset=utf-8');
    expect(seen).toEqual([
      ['session=1', asked, flat],
      [null, asked, flat],
      [null, asked, { ...asked, room: 7 }],
    ]);
  });

  it('the parameters of the body win over the query, and an empty body has none', async () => {
    const endpoint = new EndpointUnderTest();
    const url = 'https://example.com/token?ttl=1000&clientId=ada';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const both = await endpoint.send(new Request(url, { method: 'POST', body: 'ttl=2000', headers }));
    expect(both.json.ttl).toBe(2_000);
    expect((await endpoint.send(new Request(url, { method: 'POST' }))).json.ttl).toBe(1_000);
  });

  it('empty parameters count as absent', async () => {
    const { json } = await new EndpointUnderTest().get('ttl=&capability=&clientId=');
    expect(json).toMatchObject({ ttl: 600_000, clientId: 'ada' });
  });

  it.each([
    ['returned', () => refuse(401), 401, 40101],
    ['null', () => null, 401, 40101],
    ['forbidden', () => refuse(403), 403, 40300],
    ['later', async () => refuse(403, 'the account is closed'), 403, 40300],
    [
      'thrown',
      () => {
        throw refuse(403);
      },
      403,
      40300,
    ],
  ])('Latchkey and the SDK understand a refusal: %s', async (title, grant, status, code) => {
    const endpoint = new EndpointUnderTest({ grant });
    const { headers, json, ...answer } = await endpoint.get();
    expect(answer.status).toBe(status);
    expect(json.error).toMatchObject({
      code,
      statusCode: status,
      href: pageAbout(code),
    });
    if (title === 'later') expect(json.error?.message).toBe('the account is closed');
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-ably-errorcode')).toBe(String(code));
    expect(headers.get('x-ably-errormessage')).toBe(json.error?.message);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(endpoint.heard).toEqual([]);
  });

  it('refuse() accepts only 401 and 403', () => {
    expect(() => refuse(500 as never)).toThrow(expect.objectContaining({ code: 40003 }));
  });
});

const tokenIn = ({ json }: Answer): string => String(json.token);

describe('a token endpoint with the format jwt', () => {
  const claims = { 'ably.channel.chat:*': 'moderator', 'ably.limits.publish.perAttachment.maxRate.chat': 10 };

  it('the endpoint signs a JWT with key, times, client, rights, revocation key and channel claims', async () => {
    const grant = () => ({ ...ADA, revocationKey: 'ward-7', claims });
    const endpoint = new EndpointUnderTest({ format: 'jwt', grant });
    const { text, headers } = await endpoint.get({ ttl: '60000' }, { accept: 'application/jwt' });
    expect(headers.get('content-type')).toBe('application/jwt');
    expect(decodeProtectedHeader(text)).toEqual({ typ: 'JWT', alg: 'HS256', kid: 'appId.keyId' });
    const { payload } = await jwtVerify(text, new TextEncoder().encode(SECRET), {
      currentDate: new Date(NOW),
    });
    expect(payload).toEqual({
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
      'x-ably-clientId': 'ada',
      'x-ably-capability': '{"chat:*":["publish","subscribe"],"news":["subscribe"]}',
      'x-ably-revocation-key': 'ward-7',
      ...claims,
    });
  });

  it('a JWT for an anonymous client has no clientId', async () => {
    const endpoint = new EndpointUnderTest({ format: 'jwt', grant: () => ({ ...ADA, clientId: null }) });
    expect(decodeJwt(tokenIn(await endpoint.get()))).not.toHaveProperty('x-ably-clientId');
  });

  it('a JWT never lives longer than granted, although it counts in seconds', async () => {
    const endpoint = new EndpointUnderTest({ format: 'jwt', grant: () => ({ ...ADA, ttl: 1_999 }) });
    await endpoint.clock.advance(700);
    const { exp = 0 } = decodeJwt(tokenIn(await endpoint.get()));
    expect(exp * 1000).toBeLessThanOrEqual(NOW + 700 + 1_999);
    expect((await endpoint.get({ ttl: '999' })).json.error?.code).toBe(40003);
  });
});

describe('a token endpoint with the format token', () => {
  const sandboxed = () => {
    const { sandbox, key, clock } = new SandboxHarness();
    const auth = new Auth({ key: key.keyStr, fetch: sandbox.fetch, clock });
    return { sandbox, endpoint: new EndpointUnderTest({ auth, format: 'token' }) };
  };

  it('the endpoint answers with a token of the service', async () => {
    const { endpoint } = sandboxed();
    const { status, json } = await endpoint.get({ capability: '{"news":["*"]}' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      clientId: 'ada',
      capability: '{"news":["subscribe"]}',
      token: expect.any(String),
    });
    expect(Number(json.expires) - Number(json.issued)).toBe(600_000);
  });

  it('the client learns only that the failure is not its own, and onError receives the reason', async () => {
    const { sandbox, endpoint } = sandboxed();
    sandbox.setFault({ requestToken: { status: 401, code: 40160, message: 'the key may not' } });
    const refused = await endpoint.get();
    expect([refused.status, refused.json.error?.code]).toEqual([500, 50000]);
    expect(refused.text).not.toContain('the key may not');
    expect(endpoint.heard).toMatchObject([{ code: 40160, message: 'the key may not' }]);
  });

  it('the endpoint passes on that the service is not available, and for how long', async () => {
    const { sandbox, endpoint } = sandboxed();
    sandbox.setFault({ requestToken: { status: 429, code: 42910, retryAfter: 7 } });
    const { status, headers } = await endpoint.get();
    expect([status, headers.get('retry-after')]).toEqual([503, '7']);
  });
});
