import type * as Ably from 'ably';
import { describe, expect, it } from 'vitest';
import { authEndpoint, protocols, reaches, Witness } from './ably-harness.js';

const HOUR = 3_600_000;

/** The SDK's sources of tokens, and the rights of these tokens. The SDK is unchanged. */
describe.each(protocols)('tokens of the real ably package, in %s', (_name, binary) => {
  const start = (app = {}) => Witness.start(binary, app);

  it('the key issues TokenDetails as requested (RSA8, TD2–TD6)', async () => {
    const witness = await start();
    const token = await witness.rest().auth.requestToken({
      ttl: 60_000,
      clientId: 'ada',
      capability: { 'chat:*': ['subscribe', 'publish'] },
    });
    expect(token).toMatchObject({
      clientId: 'ada',
      capability: '{"chat:*":["publish","subscribe"]}',
    });
    expect(token.expires - token.issued).toBe(60_000);
    expect(Math.abs(token.issued - Date.now())).toBeLessThan(30_000);
  });

  it('a token lives for an hour and has all rights of the key by default (TK2a, TK2b)', async () => {
    const witness = await start({ keys: [{ capability: { '*': ['subscribe'], chat: ['publish'] } }] });
    const token = await witness.rest().auth.requestToken();
    expect(token.capability).toBe('{"*":["subscribe"],"chat":["publish"]}');
    expect(token.expires - token.issued).toBe(HOUR);
    expect(token.clientId).toBeFalsy();
  });

  it('a token replaces the key on a connection (RSA4, RTC8)', async () => {
    const witness = await start();
    const client = await witness.connected({ key: witness.key.keyStr, useTokenAuth: true, clientId: 'ada' });
    expect(client.auth.clientId).toBe('ada');
    expect(witness.sandbox.connections).toMatchObject([{ clientId: 'ada', isConnected: true }]);
    expect(Number.isFinite(witness.sandbox.connections[0]?.tokenExpires)).toBe(true);
  });

  it.each(['a TokenRequest', 'TokenDetails', 'a token string', 'a JWT'])(
    'a token comes from authCallback as %s (RSA8d, RSA4f)',
    async (what) => {
      const witness = await start();
      const { auth } = witness.rest();
      const params = { clientId: 'ada' };
      const answers = new Map<string, () => Promise<string | Ably.TokenRequest | Ably.TokenDetails>>([
        ['a TokenRequest', () => auth.createTokenRequest(params)],
        ['TokenDetails', () => auth.requestToken(params)],
        ['a token string', async () => (await auth.requestToken(params)).token],
        ['a JWT', () => witness.jwt({ 'x-ably-clientId': 'ada' })],
      ]);
      const answer = answers.get(what) ?? (() => Promise.reject(new Error(`there is no ${what}`)));
      const client = await witness.connected({
        authCallback: (_params, callback) => {
          answer().then(
            (token) => callback(null, token),
            (error) => callback(error, null),
          );
        },
      });
      expect(client.auth.clientId).toBe('ada');
    },
  );

  it.each(['a TokenRequest', 'a JWT'])('a token comes from authUrl as %s (RSA8c)', async (what) => {
    const witness = await start();
    const authUrl = await authEndpoint(async (url) => {
      const clientId = url.searchParams.get('user') ?? 'nobody';
      return what === 'a JWT'
        ? witness.jwt({ 'x-ably-clientId': clientId })
        : witness.rest().auth.createTokenRequest({ clientId });
    });
    const client = await witness.connected({ authUrl, authParams: { user: 'ada' } });
    expect(client.auth.clientId).toBe('ada');
  });

  it('a JWT works for REST and for connections (RSA4f, TD1)', async () => {
    const witness = await start();
    const token = await witness.jwt({ 'x-ably-capability': '{"chat":["publish","history"]}' });
    const rest = witness.rest({ token });
    await rest.channels.get('chat').publish('greeting', 'hello');
    const { items } = await rest.channels.get('chat').history();
    expect(items.map(({ data }) => data)).toEqual(['hello']);
    await expect(rest.channels.get('other').publish('greeting', 'hello')).rejects.toMatchObject({
      code: 40160,
      statusCode: 401,
    });
    await witness.connected({ token });
  });

  it('a token may be embedded in an app’s own JWT (auth/token, "Embedded Token JWT")', async () => {
    const witness = await start();
    const { token } = await witness.rest().auth.requestToken({ clientId: 'ada', ttl: 2 * HOUR });
    const client = await witness.connected({ token: await witness.jwt({ 'x-ably-token': token }) });
    expect(client.auth.clientId).toBe('ada');
  });

  it('a wrong secret is refused with 40101, and an unknown key with 40400', async () => {
    const witness = await start();
    const { keyName } = witness.key;
    const wrong = witness.rest({ key: `${keyName}:wrong` });
    await expect(wrong.auth.requestToken()).rejects.toMatchObject({ code: 40101, statusCode: 401 });
    const unknown = witness.rest({ key: `${keyName}x:secret` });
    await expect(unknown.auth.requestToken()).rejects.toMatchObject({ code: 40400, statusCode: 401 });
    const nowhere = witness.rest({ key: 'no.key:secret' });
    await expect(nowhere.auth.requestToken()).rejects.toMatchObject({ code: 40400, statusCode: 404 });
  });

  it('invalid mac, nonce, ttl and timestamp are refused (RSA9, token-request-spec)', async () => {
    const witness = await start();
    const { auth } = witness.rest();
    const request = await auth.createTokenRequest();
    const using = (tokenRequest: object) =>
      auth.requestToken(undefined, {
        authCallback: (_params, callback) => callback(null, tokenRequest as never),
      });
    await expect(
      using({ ...request, mac: '4rr4J+XzjiCL1DoS8wq7k11Z4oTGCb1PoeN+yGjkaH4=' }),
    ).rejects.toMatchObject({
      code: 40101,
    });
    await using(request);
    await expect(using(request)).rejects.toMatchObject({ code: 40105 });
    await expect(auth.requestToken({ ttl: 25 * HOUR })).rejects.toMatchObject({ code: 40003 });
    await expect(auth.requestToken({ timestamp: Date.now() - HOUR / 2 })).rejects.toMatchObject({
      code: 40104,
    });
  });

  it('a connection fails for good after an error that is not a token error (RTN14a)', async () => {
    const witness = await start();
    const client = witness.realtime({ key: 'this.is:wrong' });
    const failed = await reaches(client, 'failed');
    expect(failed?.reason).toMatchObject({ code: 40101, statusCode: 401 });
  });
});
