import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.js';
import { basicOf, HOUR, SandboxHarness } from '../../kit/sandbox-harness.js';

const refusal = (status: number, code: number) => ({ status, body: { error: { code, statusCode: status } } });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('answers of the sandbox', () => {
  it('the time is sent without credentials', async () => {
    const harness = new SandboxHarness();
    await harness.clock.advance(1_234);
    expect(await harness.get('/time')).toMatchObject({ status: 200, body: [harness.clock.now()] });
  });

  it('an error is in the body and in headers, with a link', async () => {
    const harness = new SandboxHarness();
    const { status, headers, body } = await harness.get('/nowhere');
    expect(status).toBe(404);
    expect(body.error).toEqual({
      code: 40400,
      statusCode: 404,
      message: expect.any(String),
      href: 'https://help.ably.io/error/40400',
    });
    expect(headers.get('x-ably-errorcode')).toBe('40400');
    expect(headers.get('x-ably-errormessage')).toBe(body.error.message);
  });

  it('characters that a header cannot contain are left out of headers', async () => {
    const harness = new SandboxHarness();
    const { headers, body } = await harness.post('/apps', { keys: [{ capability: { '日\n本': [] } }] });
    expect(body.error.message).toContain('日\n本');
    expect(headers.get('x-ably-errormessage')).toMatch(/no operations on \?\?\?$/);
  });

  it('an answer has exactly the content type that the SDK expects', async () => {
    const harness = new SandboxHarness();
    for (const path of ['/time', '/nowhere']) {
      expect((await harness.get(path)).headers.get('content-type')).toBe('application/json');
    }
  });

  it('every page can read an answer', async () => {
    const harness = new SandboxHarness();
    const { status, headers } = await harness.get('/keys/a.b/requestToken', {}, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    const failed = await harness.get('/nowhere');
    expect(failed.headers.get('access-control-expose-headers')).toContain('x-ably-errorcode');
  });

  it.each([
    ['%E0%A4%A as a name', '/channels/%E0%A4%A/messages', 404, 40400],
    ['HTML', '/time?format=html', 400, 40000],
  ])('the sandbox refuses %s', async (_title, path, status, code) => {
    const harness = new SandboxHarness();
    expect(await harness.get(path)).toMatchObject(refusal(status, code));
  });

  it('an answer is JSON or MessagePack, and Accept wins over format unless it accepts everything', async () => {
    const harness = new SandboxHarness();
    const [json, msgpack] = ['application/json', 'application/x-msgpack'];
    for (const [path, accept, type] of [
      ['/time', '', json],
      ['/time?format=msgpack', '', msgpack],
      ['/time?format=msgpack', '*/*', msgpack],
      ['/time?format=json', msgpack, msgpack],
      ['/time?format=msgpack', json, json],
      ['/nowhere', `text/html, ${msgpack};q=0.9`, msgpack],
    ] as const) {
      const { headers } = await harness.get(path, accept === '' ? {} : { accept });
      expect([path, accept, headers.get('content-type')]).toEqual([path, accept, type]);
    }
    expect(await harness.get('/time', { accept: 'text/html' })).toMatchObject(refusal(400, 40000));
    const unknown = await harness.get('/nowhere', { accept: msgpack });
    expect(unknown).toMatchObject(refusal(404, 40400));
    expect(unknown.headers.get('x-ably-errorcode')).toBe('40400');
  });

  it.each(['x', '0', '-1', '6.', ''])('the protocol version %j is refused', async (version) => {
    const harness = new SandboxHarness();
    expect(await harness.get('/time', { 'x-ably-version': version })).toMatchObject(refusal(400, 40017));
  });

  it.each(['6', '2', '1.2', '6.1.1'])('the protocol version %s is accepted', async (version) => {
    const harness = new SandboxHarness();
    expect(await harness.get('/time', { 'x-ably-version': version })).toMatchObject({ status: 200 });
  });
});

describe('apps of the sandbox', () => {
  it('POST /apps creates an app as createApp does, each key with its canonical capability', async () => {
    const harness = new SandboxHarness();
    const keys = [{ capability: { b: ['subscribe', 'publish'], a: ['history'] } }, { revocableTokens: true }];
    const namespaces = [{ id: 'persisted', persisted: true }];
    const { status, body } = await harness.post('/apps', { keys, namespaces });
    expect(status).toBe(201);
    expect(body.keys).toMatchObject([
      { capability: '{"a":["history"],"b":["publish","subscribe"]}', revocableTokens: false },
      { capability: '{"*":["*"]}', revocableTokens: true },
    ]);
    for (const { keyName, keySecret, keyStr, value } of body.keys) {
      expect([keyStr, value]).toEqual([`${keyName}:${keySecret}`, `${keyName}:${keySecret}`]);
      expect(keyName.startsWith(`${body.appId}.`)).toBe(true);
    }
    expect(body.namespaces).toMatchObject(namespaces);
    expect(body).toMatchObject({ endpoint: 'any.example', port: 443, tls: true });
    const { keyName, keyStr } = body.keys[0] ?? {};
    const request = { keyName, timestamp: harness.clock.now() };
    const path = `/keys/${keyName}/requestToken`;
    expect(await harness.post(path, request, basicOf(String(keyStr)))).toMatchObject({ status: 201 });
  });

  it('an app has one key with all rights by default', () => {
    expect(createSandbox().createApp().keys).toMatchObject([{ capability: '{"*":["*"]}' }]);
  });

  it.each([
    ['keys is no list', { keys: 'all' }, 40001],
    ['a key is no object', { keys: [null] }, 40001],
    ['revocableTokens is no boolean', { keys: [{ revocableTokens: 'yes' }] }, 40001],
    ['a capability is none', { keys: [{ capability: { a: ['fly'] } }] }, 40000],
  ])('an app is refused when %s', async (_title, init, code) => {
    const harness = new SandboxHarness();
    expect(await harness.post('/apps', init)).toMatchObject(refusal(400, code));
  });

  it.each([
    ['https://elsewhere.example', 403],
    ['http://localhost.elsewhere.example', 403],
    ['http://127.0.0.1.elsewhere.example', 403],
    ['null', 403],
    ['http://localhost:5173', 201],
    ['http://127.0.0.1:5173', 201],
    ['http://[::1]:5173', 201],
    ['https://app.localhost', 201],
  ])('only pages of this machine can create apps: %s gets %i', async (origin, status) => {
    const harness = new SandboxHarness();
    expect(await harness.post('/apps', {}, { origin })).toMatchObject({ status });
  });

  it('an app is deleted with everything it issued, and only by its own key', async () => {
    const harness = new SandboxHarness();
    const token = await harness.token();
    const path = `/apps/${harness.appId}`;
    const other = basicOf(harness.sandbox.createApp().keys[0]?.keyStr ?? '');
    expect(await harness.get(path, other, 'DELETE')).toMatchObject(refusal(401, 40101));
    expect(await harness.get(path, {}, 'DELETE')).toMatchObject(refusal(401, 40101));
    expect(await harness.get(path, harness.basic, 'DELETE')).toMatchObject({ status: 204 });
    const messages = '/channels/a/messages';
    expect(await harness.get(messages, bearer(token))).toMatchObject(refusal(404, 40400));
    expect(await harness.get(messages, harness.basic)).toMatchObject(refusal(401, 40101));
  });
});

describe('credentials at the sandbox', () => {
  const path = '/channels/a/messages';

  it('credentials may be a key, a token, or a token in Base64', async () => {
    const harness = new SandboxHarness();
    const token = await harness.token();
    for (const headers of [harness.basic, bearer(token), bearer(base64(token))]) {
      expect(await harness.get(path, headers)).toMatchObject({ status: 200, body: [] });
    }
    expect(await harness.get(`${path}?accessToken=${token}`)).toMatchObject({ status: 200 });
    expect(await harness.get(`${path}?access_token=${token}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['there are none', {}, 401, 40101],
    ['the key is none', basicOf('no colon'), 400, 40005],
    ['the app is unknown', basicOf('this.is:wrong'), 401, 40101],
    ['the token is empty', { authorization: 'Bearer' }, 400, 40005],
    ['the token is none of ours', bearer('app.never-issued'), 401, 40143],
    ['the token is no token', bearer(base64('gibberish')), 400, 40005],
    ['the token is encrypted', bearer('a.b.c.d.e'), 401, 40144],
  ])('credentials are refused when %s', async (_title, headers, status, code) => {
    const harness = new SandboxHarness();
    expect(await harness.get(path, headers)).toMatchObject(refusal(status, code));
  });

  it('an unknown key or a wrong secret of a known app is refused with 401', async () => {
    const harness = new SandboxHarness();
    const unknown = basicOf(`${harness.appId}.other:secret`);
    expect(await harness.get(path, unknown)).toMatchObject(refusal(401, 40400));
    const wrong = basicOf(`${harness.key.keyName}:wrong`);
    expect(await harness.get(path, wrong)).toMatchObject(refusal(401, 40101));
  });

  it('credentials end with the token: by expiry or revocation', async () => {
    const harness = new SandboxHarness();
    const short = await harness.token({ ttl: 1_000 });
    await harness.clock.advance(999);
    expect(await harness.get(path, bearer(short))).toMatchObject({ status: 200 });
    await harness.clock.advance(1);
    expect(await harness.get(path, bearer(short))).toMatchObject(refusal(401, 40142));
    const [ada, bob] = [await harness.token({ clientId: 'ada' }), await harness.token({ clientId: 'bob' })];
    harness.sandbox.revokeTokens('ada');
    expect(await harness.get(path, bearer(ada))).toMatchObject(refusal(401, 40141));
    expect(await harness.get(path, bearer(bob))).toMatchObject({ status: 200 });
    harness.sandbox.expireTokens();
    expect(await harness.get(path, bearer(bob))).toMatchObject(refusal(401, 40142));
    expect(await harness.get(path, bearer(await harness.token()))).toMatchObject({ status: 200 });
  });

  it('credentials allow no more than the token', async () => {
    const harness = new SandboxHarness();
    const token = await harness.token({ capability: '{"b":["history"]}' });
    expect(await harness.get(path, bearer(token))).toMatchObject(refusal(401, 40160));
    expect(await harness.get('/channels/b/messages', bearer(token))).toMatchObject({ status: 200 });
  });

  it('credentials must match X-Ably-ClientId', async () => {
    const harness = new SandboxHarness();
    const named = (clientId: string) => ({ 'x-ably-clientid': clientId });
    const [ada, nobody, anybody] = [
      bearer(await harness.token({ clientId: 'ada' })),
      bearer(await harness.token()),
      bearer(await harness.token({ clientId: '*' })),
    ];
    for (const credentials of [ada, anybody, harness.basic]) {
      const answer = await harness.get(path, { ...credentials, ...named(base64('ada')) });
      expect(answer).toMatchObject({ status: 200 });
    }
    const eve = { ...ada, ...named(base64('eve')) };
    expect(await harness.get(path, eve)).toMatchObject(refusal(401, 40102));
    const claimed = { ...nobody, ...named(base64('ada')) };
    expect(await harness.get(path, claimed)).toMatchObject(refusal(401, 40102));
    expect(await harness.get(path, { ...ada, ...named('!') })).toMatchObject(refusal(400, 40012));
  });
});

describe('a JWT at the sandbox', () => {
  const path = '/channels/a/messages';
  const ask = (harness: SandboxHarness, jwt: string) => harness.get(path, bearer(jwt));

  it('a JWT that a key signed is accepted', async () => {
    const harness = new SandboxHarness();
    expect(await ask(harness, harness.jwt())).toMatchObject({ status: 200 });
  });

  it('a JWT has the claimed rights within the rights of its key', async () => {
    const harness = new SandboxHarness({ capability: { a: ['history'], b: ['history'] } });
    const only = (capability: object) => harness.jwt({ 'x-ably-capability': JSON.stringify(capability) });
    expect(await ask(harness, only({ '*': ['*'] }))).toMatchObject({ status: 200 });
    expect(await ask(harness, only({ b: ['*'] }))).toMatchObject(refusal(401, 40160));
    expect(await ask(harness, only({ c: ['*'] }))).toMatchObject(refusal(401, 40160));
  });

  it('a JWT expires', async () => {
    const harness = new SandboxHarness();
    const jwt = harness.jwt();
    await harness.clock.advance(HOUR);
    expect(await ask(harness, jwt)).toMatchObject(refusal(401, 40142));
  });

  it('a JWT that was used expires with all other tokens', async () => {
    const harness = new SandboxHarness();
    const jwt = harness.jwt();
    await ask(harness, jwt);
    harness.sandbox.expireTokens();
    expect(await ask(harness, jwt)).toMatchObject(refusal(401, 40142));
  });

  it.each([
    ['it is signed with another secret', {}, {}, 'guess', 401, 40144],
    ['it is of another algorithm', {}, { alg: 'none' }, undefined, 401, 40144],
    ['it names no key', {}, { kid: undefined }, undefined, 401, 40144],
    ['its key is of no app', {}, { kid: 'no.key' }, undefined, 404, 40400],
    ['iat is missing', { iat: undefined }, {}, undefined, 400, 40144],
    ['exp is missing', { exp: undefined }, {}, undefined, 400, 40144],
    ['clientId is no text', { 'x-ably-clientId': 7 }, {}, undefined, 400, 40012],
    ['it lives for over a day', { exp: 4e9 }, {}, undefined, 401, 40144],
    ['iat is in ms', { iat: Date.UTC(2030, 0, 1) }, {}, undefined, 401, 40144],
    ['iat and exp are ten years ahead', { iat: 4e9, exp: 4e9 + 60 }, {}, undefined, 401, 40144],
    ['exp is not after iat', { exp: 1e9 }, {}, undefined, 401, 40144],
  ])('a JWT is refused when %s', async (_title, claims, head, secret, status, code) => {
    const harness = new SandboxHarness();
    expect(await ask(harness, harness.jwt(claims, head, secret))).toMatchObject(refusal(status, code));
  });

  it('a JWT from a clock two minutes ahead is accepted, and not from one further ahead', async () => {
    const harness = new SandboxHarness();
    const ahead = (seconds: number) => {
      const iat = harness.clock.now() / 1_000 + seconds;
      return harness.jwt({ iat, exp: iat + 3_600 });
    };
    expect(await ask(harness, ahead(120))).toMatchObject({ status: 200 });
    expect(await ask(harness, ahead(121))).toMatchObject(refusal(401, 40144));
  });

  it('a JWT that cannot be decoded is refused', async () => {
    const harness = new SandboxHarness();
    expect(await ask(harness, 'a.b.c')).toMatchObject(refusal(401, 40144));
  });

  it('a JWT lives for at most an hour if tokens can be revoked', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const iat = harness.clock.now() / 1_000;
    expect(await ask(harness, harness.jwt({ iat, exp: iat + 3_600 }))).toMatchObject({ status: 200 });
    expect(await ask(harness, harness.jwt({ iat, exp: iat + 3_601 }))).toMatchObject(refusal(401, 40144));
  });
});
