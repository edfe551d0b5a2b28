import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { refusalsPath, withRefusalTable } from '../../../docs/sandbox-refusals.js';
import { createSandbox, type Refusal, refusals } from '../../../src/sandbox/index.js';
import { basicOf, type Frame, HOUR, MINUTE, SandboxHarness } from '../../kit/sandbox-harness.js';

/** A refusal of the service. */
interface No {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
}

const errorIn = (answer: { readonly body: unknown }): No => (answer.body as { error: No }).error;
const errorOf = (frame: Frame | undefined): No => frame?.error as unknown as No;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const PATH = '/channels/a/messages';

/**
 * For each row, a request that the service refuses for that reason. Node's own limits are tested in the fuzz
 * test.
 */
const provoked: Readonly<
  Record<
    Exclude<Refusal, 'unreadable request' | 'request headers too large' | 'request body too slow'>,
    (harness: SandboxHarness) => Promise<No>
  >
> = {
  'malformed request': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send('nonsense');
    return errorOf(client.last);
  },
  'no such format': async (harness) => errorIn(await harness.get('/time', { accept: 'text/html' })),
  'invalid capability': async (harness) =>
    errorIn(await harness.requestToken(harness.unsigned({ capability: '{"a":[]}' }), harness.basic)),
  'the sandbox does not offer this': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    return errorOf((await client.ask({ action: 19, channel: 'a', msgSerial: 0 }))[0]);
  },
  'the sandbox does not change or annotate messages': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    return errorOf((await client.ask({ action: 21, channel: 'a', msgSerial: 0 }))[0]);
  },
  'invalid connection id': async (harness) =>
    errorIn(await harness.post(PATH, { connectionKey: 'no!key' }, harness.basic)),
  'channel mode not requested': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send({ action: 10, channel: 'a', flags: 1 << 18 });
    return errorOf((await client.ask({ action: 15, channel: 'a', msgSerial: 0, messages: [{}] }))[0]);
  },
  'invalid request body': async (harness) => errorIn(await harness.requestToken('{')),
  'request body too large': async (harness) => errorIn(await harness.requestToken(' '.repeat(1_048_577))),
  'invalid parameter value': async (harness) =>
    errorIn(await harness.requestToken(harness.unsigned({ ttl: 25 * HOUR }), harness.basic)),
  'invalid key in request': async (harness) => errorIn(await harness.get(PATH, basicOf('no colon'))),
  'invalid accessToken in request': async (harness) => errorIn(await harness.get(`${PATH}?accessToken=`)),
  'maximum message length exceeded': async (harness) =>
    errorIn(await harness.post(PATH, { data: 'x'.repeat(65_537) }, harness.basic)),
  'invalid channel name': async (harness) =>
    errorIn(await harness.get('/channels/%5Ba/messages', harness.basic)),
  'a device must have a clientId': async () => {
    const harness = new SandboxHarness({}, { pricing: 'mau' });
    return errorOf((await harness.connect({ key: harness.key.keyStr, clientType: 'device' })).last);
  },
  'client type not declared': async () => {
    const harness = new SandboxHarness({}, { pricing: 'mau' });
    return errorIn(await harness.get(PATH, harness.basic));
  },
  'client type not signed by the token': async () => {
    const harness = new SandboxHarness({}, { pricing: 'mau' });
    return errorIn(await harness.get(`${PATH}?clientType=server`, bearer(await harness.token())));
  },
  'too many connections of one client': async () => {
    const harness = new SandboxHarness({}, { pricing: 'mau' });
    const ada = { key: harness.key.keyStr, clientType: 'device', clientId: 'ada' };
    for (let count = 0; count < 10; count += 1) await harness.connect(ada);
    return errorOf((await harness.connect(ada)).last);
  },
  'invalid client id': async (harness) =>
    errorIn(await harness.requestToken(harness.unsigned({ clientId: 7 }), harness.basic)),
  'unsupported protocol version': async (harness) =>
    errorIn(await harness.get('/time', { 'x-ably-version': 'x' })),
  'batched response includes errors': async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const body = { targets: ['clientId:ada', 'nothing'] };
    return errorIn(await harness.post(`/keys/${harness.key.keyName}/revokeTokens`, body, harness.basic));
  },
  'no credentials': async (harness) => errorIn(await harness.get(PATH)),
  'invalid credentials': async (harness) =>
    errorIn(await harness.get(PATH, basicOf(`${harness.key.keyName}:x`))),
  'mac does not match': async (harness) => errorIn(await harness.requestToken(harness.signed({}, 'another'))),
  'incompatible credentials': async (harness) => {
    const accessToken = await harness.token({ clientId: 'ada' });
    return errorOf((await harness.connect({ accessToken, clientId: 'eve' })).last);
  },
  'invalid use of Basic authentication over non-TLS transport': async () => {
    const sandbox = createSandbox({ basicNeedsTls: true });
    const headers = basicOf(sandbox.createApp().keys[0]?.keyStr ?? '');
    expect((await sandbox.fetch(`https://any.example${PATH}`, { headers })).status).toBe(200);
    const response = await sandbox.fetch(`http://any.example${PATH}`, { headers });
    return errorIn({ body: await response.json() });
  },
  'timestamp not current': async (harness) =>
    errorIn(await harness.requestToken(harness.signed({ timestamp: harness.clock.now() - HOUR }))),
  'nonce value replayed': async (harness) => {
    const request = harness.signed();
    await harness.requestToken(request);
    return errorIn(await harness.requestToken(request));
  },
  'key/token status changed (revoke)': async (harness) => {
    const token = await harness.token();
    const [byToken, byKey] = [
      await harness.connect({ accessToken: token }),
      await harness.connect({ key: harness.key.keyStr }),
    ];
    harness.sandbox.revokeKey(harness.key.keyName);
    await harness.clock.advance(0);
    for (const { last } of [byToken, byKey]) expect(errorOf(last).code).toBe(40131);
    for (const headers of [bearer(token), bearer(harness.jwt())]) {
      expect(errorIn(await harness.get(PATH, headers)).code).toBe(40131);
    }
    return errorIn(await harness.get(PATH, harness.basic));
  },
  'can only revoke tokens using the same key that issued them': async (harness) =>
    errorIn(await harness.post('/keys/other.key/revokeTokens', { targets: ['clientId:a'] }, harness.basic)),
  'token revoked': async (harness) => {
    const token = await harness.token();
    harness.sandbox.revokeTokens();
    return errorIn(await harness.get(PATH, bearer(token)));
  },
  'token expired': async (harness) => {
    const token = await harness.token({ ttl: 1 });
    await harness.clock.advance(1);
    return errorIn(await harness.get(PATH, bearer(token)));
  },
  'token unrecognized': async (harness) => errorIn(await harness.get(PATH, bearer('app.unknown'))),
  'invalid JWT': async (harness) => errorIn(await harness.get(PATH, bearer(harness.jwt({}, {}, 'another')))),
  'JWT issued in the future': async (harness) =>
    errorIn(await harness.get(PATH, bearer(harness.jwt({ iat: 4e9, exp: 4e9 + 60 })))),
  'claim missing from JWT': async (harness) =>
    errorIn(await harness.get(PATH, bearer(harness.jwt({ iat: undefined })))),
  'operation not permitted with provided capability': async (harness) =>
    errorIn(await harness.get(PATH, bearer(await harness.token({ capability: '{"b":["*"]}' })))),
  'operation requires Basic authentication': async (harness) =>
    errorIn(
      await harness.post(`/keys/${harness.key.keyName}/revokeTokens`, {}, bearer(await harness.token())),
    ),
  'token revocation is not enabled for this key': async (harness) =>
    errorIn(
      await harness.post(
        `/keys/${harness.key.keyName}/revokeTokens`,
        { targets: ['clientId:a'] },
        harness.basic,
      ),
    ),
  'foreign host or origin': async ({ sandbox }) => {
    const { url } = await sandbox.listen();
    const headers = { origin: 'https://elsewhere.example' };
    return errorIn({ body: await (await fetch(`${url}/time`, { headers })).json() });
  },
  'only pages of this machine may create apps': async (harness) =>
    errorIn(await harness.post('/apps', {}, { origin: 'https://elsewhere.example' })),
  'no such path': async (harness) => errorIn(await harness.get('/nowhere')),
  'no such app': async (harness) => errorIn(await harness.post('/keys/no.key/requestToken', {})),
  'no such key': async (harness) => errorIn(await harness.get(PATH, basicOf(`${harness.appId}.no:secret`))),
  'too much at once': async (harness) =>
    errorIn(await harness.post('/apps', { keys: Array.from({ length: 1_001 }, () => ({})) })),
  'invalid connection key': async (harness) =>
    errorOf((await harness.connect({ key: harness.key.keyStr, resume: 'none' })).last),
  'channel not attached': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr, clientId: 'ada' });
    return errorOf(
      (await client.ask({ action: 14, channel: 'a', msgSerial: 0, presence: [{ action: 2 }] }))[0],
    );
  },
  'too many channels': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    for (let count = 0; count <= 200; count += 1) await client.send({ action: 10, channel: `c${count}` });
    return errorOf(client.last);
  },
  'unable to enter presence channel (no clientId)': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send({ action: 10, channel: 'a' });
    return errorOf(
      (await client.ask({ action: 14, channel: 'a', msgSerial: 0, presence: [{ action: 2 }] }))[0],
    );
  },
  'too many presence members': async (harness) => {
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send({ action: 10, channel: 'a' });
    const presence = Array.from({ length: 251 }, (_one, index) => ({ action: 2, clientId: `c${index}` }));
    return errorOf((await client.ask({ action: 14, channel: 'a', msgSerial: 0, presence }))[0]);
  },
};

describe('the table of refusals', () => {
  it.each(Object.entries(provoked))('the service answers as the table says: %s', async (refusal, provoke) => {
    const [code, statusCode] = refusals[refusal as Refusal];
    const said = await provoke(new SandboxHarness());
    expect(said).toMatchObject({ code, statusCode });
    expect(said.message.startsWith(refusal)).toBe(true);
  });

  it('every row of the table has a source', () => {
    for (const [, , source] of Object.values(refusals)) expect(source.length).toBeGreaterThan(5);
  });

  it('docs/sandbox.md has the table as it is: `npm run refusals` changes nothing', () => {
    const page = readFileSync(refusalsPath, 'utf8');
    expect(withRefusalTable(page)).toBe(page);
    expect(page).toContain('nonce value replayed');
  });
});

describe('a revoked key', () => {
  it('a revoked key does not affect the other keys', async () => {
    const harness = new SandboxHarness();
    const other = harness.sandbox.createApp({ keys: [{}, {}] });
    harness.sandbox.revokeKey(other.keys[0]?.keyName ?? '');
    for (const [index, status] of [
      [0, 401],
      [1, 200],
    ] as const) {
      const headers = basicOf(other.keys[index]?.keyStr ?? '');
      expect(await harness.get(PATH, headers)).toMatchObject({ status });
    }
    expect(await harness.get(PATH, harness.basic)).toMatchObject({ status: 200 });
    expect(() => harness.sandbox.revokeKey('no.key')).toThrow(/no such app/);
    await harness.clock.advance(MINUTE);
  });
});
