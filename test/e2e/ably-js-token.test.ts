import * as Ably from 'ably';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { AblyJsHarness } from './ably-js-harness.js';

const tokenOf = (client: Ably.Realtime) =>
  (client.auth as unknown as { tokenDetails: Ably.TokenDetails | null }).tokenDetails;

/** A client of the application, with a source of its own, that is not connected yet. */
async function own(means: (key: string) => Ably.ClientOptions) {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const service = { endpoint: host, port, tls: false } as const;
  const client = new Ably.Realtime({ ...service, ...means(key), autoConnect: false, logLevel: 0 });
  onTestFinished(async () => {
    client.close();
    await sandbox.dispose();
  });
  return { sandbox, client, key };
}

describe('the token of the official SDK behind an Auth', () => {
  it('the SDK shows the times, the key name and the clientId of the current token, also after a renewal', async () => {
    const one = await AblyJsHarness.connected();
    for (let renewals = 0; renewals < 2; renewals += 1) {
      const { keyName, ...token } = one.auth.tokenDetails ?? { token: '' };
      expect(keyName).toMatch(/\w+\.\w+/);
      expect(tokenOf(one.client)).toEqual({ ...token, keyName });
      await one.authorize();
    }
  });

  it('a token without times or names has none in the SDK either', async () => {
    const one = await AblyJsHarness.connected();
    await one.auth.authorize(null, {
      authCallback: async () => (await one.issuer.requestToken({ clientId: 'ada' })).token,
    });
    const { token } = one.auth.tokenDetails ?? {};
    expect(tokenOf(one.client)).toEqual({ token, issued: 0, expires: 0, capability: '' });
  });

  it('the SDK keeps its token when the local clock jumps after the SDK has asked for the time', async () => {
    const one = await AblyJsHarness.connected();
    await one.client.time();
    const before = one.auth.tokenDetails;
    // The SDK keeps the difference of the two clocks; it does not notice that the local one has jumped.
    const sdk = one.client as unknown as { serverTimeOffset: number };
    sdk.serverTimeOffset += 5 * 3_600_000;
    await one.client.request('GET', '/channels/lobby/messages', 3);
    expect([one.auth.tokenDetails, one.auth.state.value]).toEqual([before, 'authorized']);
    expect(tokenOf(one.client)?.token).toBe(before?.token);
  });

  it.each([
    ['a key', (key: string) => ({ key })],
    ['a token', () => ({ token: 'a token of its own' })],
    ['an endpoint', () => ({ authUrl: 'http://127.0.0.1:9/none' })],
  ] as const)(
    'an SDK that was made with %s asks the Auth when the application connects',
    async (_, means) => {
      const { sandbox, client, key } = await own(means);
      const issuer = new Auth({ key, fetch: sandbox.fetch });
      const authCallback = vi.fn(() => issuer.requestToken({ clientId: 'ada' }));
      const auth = new Auth({ authCallback, connection: ablyJs(client) });
      onTestFinished(() => auth.dispose());
      client.connect();
      await client.connection.whenState('connected');
      expect(sandbox.connections).toMatchObject([{ clientId: 'ada' }]);
      expect(authCallback).toHaveBeenCalledTimes(1);
      expect(tokenOf(client)?.token).toBe(auth.tokenDetails?.token);
    },
  );

  it('a request of an SDK that was made with a key has the token of the Auth', async () => {
    const { sandbox, client, key } = await own((keyStr) => ({ key: keyStr }));
    const authCallback = vi.fn(async () => await issuer.requestToken({ clientId: 'ada' }));
    const issuer = new Auth({ key, fetch: sandbox.fetch });
    const auth = new Auth({ authCallback, connection: ablyJs(client) });
    onTestFinished(() => auth.dispose());
    const { statusCode } = await client.request('GET', '/channels/lobby/messages', 3);
    expect([statusCode, authCallback.mock.calls.length]).toEqual([200, 1]);
  });

  it('one clientId may be given to both, and two are refused before anything is sent', async () => {
    const { sandbox, client, key } = await own((keyStr) => ({ key: keyStr, clientId: 'ada' }));
    const issuer = new Auth({ key, fetch: sandbox.fetch });
    const connection = ablyJs(client);
    const make = (clientId: string) =>
      new Auth({ authCallback: () => issuer.requestToken({ clientId }), clientId, connection });
    const message = expect.stringContaining('SDK has clientId "ada", and its Auth has clientId "bob"');
    expect(() => make('bob')).toThrow(expect.objectContaining({ code: 40102, message }));
    const auth = make('ada');
    onTestFinished(() => auth.dispose());
    client.connect();
    await client.connection.whenState('connected');
    expect([auth.clientId, client.auth.clientId]).toEqual(['ada', 'ada']);
  });
});
