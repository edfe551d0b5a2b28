import { describe, expect, it } from 'vitest';
import { basicOf, HOUR, MINUTE, macOf, SandboxHarness } from '../../kit/sandbox-harness.js';

const refusal = (status: number, code: number) => ({ status, body: { error: { code, statusCode: status } } });

describe('requestToken', () => {
  it('issues a token for a signed request, without any other credentials', async () => {
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

  it('names no clientId where nobody was asked for', async () => {
    const harness = new SandboxHarness();
    const { body } = await harness.requestToken(harness.signed());
    expect(body).not.toHaveProperty('clientId');
    expect(body.expires - body.issued).toBe(HOUR);
  });

  it('issues a token for an unsigned request that comes with the key', async () => {
    const harness = new SandboxHarness();
    expect(await harness.requestToken(harness.unsigned(), harness.basic)).toMatchObject({ status: 201 });
  });

  it('refuses an unsigned request without the key, or with another one', async () => {
    const harness = new SandboxHarness();
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    const unsigned = harness.unsigned();
    expect(await harness.requestToken(unsigned)).toMatchObject(refusal(401, 40101));
    expect(await harness.requestToken(unsigned, basicOf(other))).toMatchObject(refusal(401, 40102));
    const wrong = basicOf(`${harness.key.keyName}:wrong`);
    expect(await harness.requestToken(unsigned, wrong)).toMatchObject(refusal(401, 40101));
  });

  it('takes numbers that come as text, from a form too, and checks the mac over that text', async () => {
    const harness = new SandboxHarness();
    const request = harness.signed({ ttl: '3600000', timestamp: String(harness.clock.now()) });
    const form = new URLSearchParams(request as Record<string, string>).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await harness.requestToken(form, type)).toMatchObject({ status: 201 });
  });

  describe('fields', () => {
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
    ])('are refused with 40001 when %s', async (_title, wrong) => {
      const harness = new SandboxHarness();
      expect(await harness.requestToken({ ...harness.signed(), ...wrong })).toMatchObject(
        refusal(400, 40001),
      );
    });

    it.each(['', '[]', 'null', '"text"', '{'])('are refused with 40001 when the body is %j', async (body) => {
      const harness = new SandboxHarness();
      expect(await harness.requestToken(body, harness.basic)).toMatchObject(refusal(400, 40001));
    });

    it('are refused with 40001 when the nonce is shorter than 16 characters', async () => {
      const harness = new SandboxHarness();
      const short = harness.signed({ nonce: 'a'.repeat(15) });
      expect(await harness.requestToken(short)).toMatchObject(refusal(400, 40001));
      const enough = harness.signed({ nonce: 'a'.repeat(16) });
      expect(await harness.requestToken(enough)).toMatchObject({ status: 201 });
    });

    it('are refused when there is more than a mebibyte of them', async () => {
      const harness = new SandboxHarness();
      const huge = harness.unsigned({ clientId: 'x'.repeat(1_100_000) });
      expect(await harness.requestToken(huge, harness.basic)).toMatchObject(refusal(400, 40001));
    });
  });

  describe('the signature', () => {
    it('is refused when it is made with another secret', async () => {
      const harness = new SandboxHarness();
      expect(await harness.requestToken(harness.signed({}, 'guess'))).toMatchObject(refusal(401, 40101));
    });

    it.each([
      ['ttl', 60_000],
      ['clientId', 'eve'],
      ['capability', '{"a":["*"]}'],
      ['nonce', 'another-nonce-16'],
    ])('is refused when %s was changed afterwards', async (name, value) => {
      const harness = new SandboxHarness();
      const changed = { ...harness.signed(), [name]: value };
      expect(await harness.requestToken(changed)).toMatchObject(refusal(401, 40101));
    });

    it('is checked even when the key itself comes along', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({}, 'guess'), harness.basic);
      expect(answer).toMatchObject(refusal(401, 40101));
    });

    it('may be over the capability as it came, or over its canonical text', async () => {
      const harness = new SandboxHarness();
      const capability = '{"b":["subscribe", "publish"],"a":["history"]}';
      const canonical = '{"a":["history"],"b":["publish","subscribe"]}';
      const raw = harness.signed({ capability });
      expect(await harness.requestToken(raw)).toMatchObject({ status: 201, body: { capability: canonical } });
      const { mac: _mac, ...request } = harness.signed({ capability });
      const mac = macOf({ ...request, capability: canonical }, harness.key.keySecret);
      expect(await harness.requestToken({ ...request, mac })).toMatchObject({ status: 201 });
    });

    it('is over UTF-8', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({ clientId: 'Ἀδα 🜛' }));
      expect(answer).toMatchObject({ status: 201, body: { clientId: 'Ἀδα 🜛' } });
    });
  });

  describe('the timestamp', () => {
    it.each([-2 * MINUTE, 2 * MINUTE])('may be off by %i ms', async (off) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + off });
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
    });

    it.each([-2 * MINUTE - 1, 2 * MINUTE + 1])('is refused when off by %i ms', async (off) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + off });
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40104));
    });
  });

  describe('the nonce', () => {
    it('is good once', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed();
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40105));
    });

    it('is remembered up to the last millisecond in which its timestamp is current', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed({ timestamp: harness.clock.now() + 2 * MINUTE });
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
      await harness.clock.advance(4 * MINUTE);
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40105));
      await harness.clock.advance(1);
      expect(await harness.requestToken(request)).toMatchObject(refusal(401, 40104));
    });

    it('may come again with another timestamp', async () => {
      const harness = new SandboxHarness();
      const nonce = 'the-very-same-one';
      expect(await harness.requestToken(harness.signed({ nonce }))).toMatchObject({ status: 201 });
      await harness.clock.advance(1);
      expect(await harness.requestToken(harness.signed({ nonce }))).toMatchObject({ status: 201 });
    });

    it('is not used up by a request whose signature is wrong', async () => {
      const harness = new SandboxHarness();
      const request = harness.signed();
      expect(await harness.requestToken({ ...request, mac: 'AAAA' })).toMatchObject(refusal(401, 40101));
      expect(await harness.requestToken(request)).toMatchObject({ status: 201 });
    });
  });

  describe('the ttl', () => {
    it.each([1, 123, 24 * HOUR])('may be %i ms', async (ttl) => {
      const harness = new SandboxHarness();
      const { body } = await harness.requestToken(harness.signed({ ttl }));
      expect(body.expires - body.issued).toBe(ttl);
    });

    it.each([0, -1, 1.5, 24 * HOUR + 1, 'soon', '0x10', true, [5], {}])('is refused as %j', async (ttl) => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.unsigned({ ttl }), harness.basic);
      expect(answer).toMatchObject(refusal(400, 40003));
    });

    it('is at most an hour where tokens can be revoked', async () => {
      const harness = new SandboxHarness({ revocableTokens: true });
      expect(await harness.requestToken(harness.signed({ ttl: HOUR }))).toMatchObject({ status: 201 });
      expect(await harness.requestToken(harness.signed({ ttl: HOUR + 1 }))).toMatchObject(
        refusal(400, 40003),
      );
    });
  });

  describe('the clientId', () => {
    it.each(['', 7, true, ['ada'], {}])('is refused as %j', async (clientId) => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.unsigned({ clientId }), harness.basic);
      expect(answer).toMatchObject(refusal(400, 40012));
    });

    it('may be anybody', async () => {
      const harness = new SandboxHarness();
      const answer = await harness.requestToken(harness.signed({ clientId: '*' }));
      expect(answer).toMatchObject({ status: 201, body: { clientId: '*' } });
    });
  });

  describe('the capability', () => {
    const capability = { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] };

    it('is all the key has where none is asked for', async () => {
      const harness = new SandboxHarness({ capability });
      const { body } = await harness.requestToken(harness.signed());
      expect(body.capability).toBe(JSON.stringify(capability));
    });

    it('is what is asked for, as far as the key has it', async () => {
      const harness = new SandboxHarness({ capability });
      const asked = '{"*":["subscribe"],"chat:lobby":["*"],"private":["*"]}';
      const { body } = await harness.requestToken(harness.signed({ capability: asked }));
      expect(JSON.parse(body.capability)).toEqual({
        'chat:*': ['subscribe'],
        'chat:lobby': ['publish', 'subscribe'],
        news: ['subscribe'],
      });
    });

    it('is refused with 40160 where nothing is left of it', async () => {
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
    ])('is refused with 40000 as %s', async (asked) => {
      const harness = new SandboxHarness();
      const request = harness.signed({ capability: asked });
      expect(await harness.requestToken(request)).toMatchObject(refusal(400, 40000));
    });
  });
});
