import { describe, expect, it } from 'vitest';
import { basicOf, HOUR, MINUTE, macOf, SandboxHarness } from '../../kit/sandbox-harness.js';

const refusal = (status: number, code: number) => ({ status, body: { error: { code, statusCode: status } } });

describe('requestToken', () => {
  it('a signed request gets a token without any other credentials', async () => {
    const harness = new SandboxHarness();
    const { status, body } = await harness.requestToken(harness.signed({ ttl: 5 * MINUTE, clientId: 'ada' }));
    expect(status).toBe(201);
    expect(body).toEqual({
      token: expect.stringMatching(new RegExp(`^${harness.appId}\\.[\\w-]{20,}$`)),
      keyName: harness.key.keyName,
      issued: harness.clock.now(),
      expires: harness.clock.now() + 5 * MINUTE,
      capability: '{"*":["*"]}',
      clientId: 'ada',
    });
  });

  it('a token has no clientId if none was requested', async () => {
    const harness = new SandboxHarness();
    const { body } = await harness.requestToken(harness.signed());
    expect(body).not.toHaveProperty('clientId');
    expect(body.expires - body.issued).toBe(HOUR);
  });

  it('an unsigned request with the key gets a token', async () => {
    const harness = new SandboxHarness();
    expect(await harness.requestToken(harness.unsigned(), harness.basic)).toMatchObject({ status: 201 });
  });

  it('an unsigned request without the key, or with another one, is refused', async () => {
    const harness = new SandboxHarness();
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    const unsigned = harness.unsigned();
    expect(await harness.requestToken(unsigned)).toMatchObject(refusal(401, 40101));
    expect(await harness.requestToken(unsigned, basicOf(other))).toMatchObject(refusal(401, 40102));
    const wrong = basicOf(`${harness.key.keyName}:wrong`);
    expect(await harness.requestToken(unsigned, wrong)).toMatchObject(refusal(401, 40101));
  });

  it('numbers may be strings, also in a form, and the mac is checked over that string', async () => {
    const harness = new SandboxHarness();
    const request = harness.signed({ ttl: '3600000', timestamp: String(harness.clock.now()) });
    const form = new URLSearchParams(request as Record<string, string>).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await harness.requestToken(form, type)).toMatchObject({ status: 201 });
  });

  describe('the fields of a TokenRequest', () => {
    it.each([
      ['keyName is missing', { keyName: undefined }],
      ['keyName is another', { keyName: 'app.other' }],
      ['keyName is no text', { keyName: 7 }],
      ['timestamp is missing', { timestamp: undefined }],
      ['timestamp is no number', { timestamp: 'noon' }],
      ['timestamp is a list', { timestamp: [1] }],
      ['mac is missing', { mac: undefined }],
      ['mac is no text', { mac: { a: 1 } }],
      ['nonce is missing', { nonce: undefined }],
      ['nonce is no text', { nonce: [['1234567890123456']] }],
    ])('a TokenRequest is refused with 40001 when %s', async (_title, wrong) => {
      const harness = new SandboxHarness();
      expect(await harness.requestToken({ ...harness.signed(), ...wrong })).toMatchObject(
        refusal(400, 40001),
      );
    });

    it.each(['', '[]', 'null', '"text"', '{'])(
      'a TokenRequest is refused with 40001 when the body is %j',
      async (body) => {
        const harness = new SandboxHarness();
        expect(await harness.requestToken(body, harness.basic)).toMatchObject(refusal(400, 40001));
      },
    );

    it('a TokenRequest is refused with 40001 when the nonce is shorter than 16 characters', async () => {
      const harness = new SandboxHarness();
      const short = harness.signed({ nonce: 'a'.repeat(15) });
      expect(await harness.requestToken(short)).toMatchObject(refusal(400, 40001));
      const enough = harness.signed({ nonce: 'a'.repeat(16) });
      expect(await harness.requestToken(enough)).toMatchObject({ status: 201 });
    });

    it('a body of more than one MiB is refused', async () => {
      const harness = new SandboxHarness();
      const huge = harness.unsigned({ clientId: 'x'.repeat(1_100_000) });
      expect(await harness.requestToken(huge, harness.basic)).toMatchObject(refusal(400, 40001));
    });
  });

  describe('the signature of a TokenRequest', () => {
    it('a signature with another secret is refused', async () => {
      const harness = new SandboxHarness();
      expect(await harness.requestToken(harness.signed({}, 'guess'))).toMatchObject(refusal(401, 40101));
    });

    it.each([
      ['ttl', 60_000],
      ['clientId', 'eve'],
      ['capability', '{"a":["*"]}'],
      ['nonce', 'another-nonce-16'],
    ])('a signature is refused when %s was changed afterwards', async (name, value) => {
      const harness = new SandboxHarness();
      const changed = { ...harness.signed(), [name]: value };
      expect(await harness.requestToken(changed)).toMatchObject(refusal(401, 40101));
    });

    it('a signature is checked even if the request has the key', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({}, 'guess'), harness.basic);
      expect(answer).toMatchObject(refusal(401, 40101));
    });

    it('a signature may be over the received capability, or over its canonical text', async () => {
      const harness = new SandboxHarness();
      const capability = '{"b":["subscribe", "publish"],"a":["history"]}';
      const canonical = '{"a":["history"],"b":["publish","subscribe"]}';
      const raw = harness.signed({ capability });
      expect(await harness.requestToken(raw)).toMatchObject({ status: 201, body: { capability: canonical } });
      const { mac: _mac, ...request } = harness.signed({ capability });
      const mac = macOf({ ...request, capability: canonical }, harness.key.keySecret);
      expect(await harness.requestToken({ ...request, mac })).toMatchObject({ status: 201 });
    });

    it('a signature is over UTF-8', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({ clientId: 'Ἀδα 🜛' }));
      expect(answer).toMatchObject({ status: 201, body: { clientId: 'Ἀδα 🜛' } });
    });
  });

  describe('the timestamp of a TokenRequest', () => {
    it.each([-2 * MINUTE, 2 * MINUTE])('a timestamp may be off by %i ms', async (off) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + off });
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
    });

    it.each([-2 * MINUTE - 1, 2 * MINUTE + 1])('a timestamp that is off by %i ms is refused', async (off) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + off });
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40104));
    });
  });

  describe('the nonce of a TokenRequest', () => {
    it('a nonce is accepted once', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed();
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40105));
    });

    it('a nonce is remembered until the last millisecond in which its timestamp is accepted', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + 2 * MINUTE });
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
      await harness.clock.advance(4 * MINUTE);
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40105));
      await harness.clock.advance(1);
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40104));
    });

    it('a nonce is accepted again with another timestamp', async () => {
      const harness = new SandboxHarness();
      const nonce = 'the-very-same-one';
      expect(await harness.requestToken(harness.signed({ nonce }))).toMatchObject({ status: 201 });
      await harness.clock.advance(1);
      expect(await harness.requestToken(harness.signed({ nonce }))).toMatchObject({ status: 201 });
    });

    it('a request with a wrong signature does not use up its nonce', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed();
      expect(await harness.requestToken({ ...request, mac: 'AAAA' })).toMatchObject(refusal(401, 40101));
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
    });
  });

  describe('the ttl of a TokenRequest', () => {
    it.each([1, 123, 24 * HOUR])('a ttl may be %i ms', async (ttl) => {
      const harness = new SandboxHarness();
      const { body } = await harness.requestToken(harness.signed({ ttl }));
      expect(body.expires - body.issued).toBe(ttl);
    });

    it.each([0, -1, 1.5, 24 * HOUR + 1, 'soon', '0x10', true, [5], {}])(
      'the ttl %j is refused',
      async (ttl) => {
        const harness = new SandboxHarness();
        const answer = await harness.requestToken(harness.unsigned({ ttl }), harness.basic);
        expect(answer).toMatchObject(refusal(400, 40003));
      },
    );

    it('a ttl is at most an hour if tokens can be revoked', async () => {
      const harness = new SandboxHarness({ revocableTokens: true });
      expect(await harness.requestToken(harness.signed({ ttl: HOUR }))).toMatchObject({ status: 201 });
      expect(await harness.requestToken(harness.signed({ ttl: HOUR + 1 }))).toMatchObject(
        refusal(400, 40003),
      );
    });
  });

  describe('the clientId of a TokenRequest', () => {
    it.each(['', 7, true, ['ada'], {}])('the clientId %j is refused', async (clientId) => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.unsigned({ clientId }), harness.basic);
      expect(answer).toMatchObject(refusal(400, 40012));
    });

    it('a clientId may be for any client', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({ clientId: '*' }));
      expect(answer).toMatchObject({ status: 201, body: { clientId: '*' } });
    });
  });

  describe('the capability of a TokenRequest', () => {
    const capability = { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] };

    it('a token without a requested capability has all rights of the key', async () => {
      const harness = new SandboxHarness({ capability });
      const { body } = await harness.requestToken(harness.signed());
      expect(body.capability).toBe(JSON.stringify(capability));
    });

    it('a token has the requested capability within the rights of the key', async () => {
      const harness = new SandboxHarness({ capability });
      const asked = '{"*":["subscribe"],"chat:lobby":["*"],"private":["*"]}';
      const { body } = await harness.requestToken(harness.signed({ capability: asked }));
      expect(JSON.parse(body.capability)).toEqual({
        'chat:*': ['subscribe'],
        'chat:lobby': ['publish', 'subscribe'],
        news: ['subscribe'],
      });
    });

    it('a capability outside of the rights of the key is refused with 40160', async () => {
      const harness = new SandboxHarness({ capability });
      const request = harness.signed({ capability: '{"private":["subscribe"]}' });
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40160));
    });

    it.each([
      '{"a":["publish_"]}',
      '{"a":["*","publish"]}',
      '{"a":[]}',
      '{"a":"publish"}',
      '{"日本":[]}',
      '[]',
      '7',
      'x',
    ])('an invalid capability is refused with 40000: %s', async (asked) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ capability: asked });
      expect(await harness.requestToken(request)).toMatchObject(refusal(400, 40000));
    });
  });
});
