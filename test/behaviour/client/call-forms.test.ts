import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type TokenRequest } from '../../../src/index.js';
import { json, MockHttp } from '../../uts/mock-http.js';

const STORED = 'stored.key:secret';
const GIVEN = { key: 'given.key:secret' };
const defaultTokenParams = { ttl: 1_000, clientId: 'default' };
const tokenParams = { ttl: 2_000 };

const setUp = () => {
  const http = new MockHttp(() => json({ token: 'a token' }, 201));
  const auth = new Auth({ key: STORED, defaultTokenParams, fetch: http.fetch });
  onTestFinished(() => auth.dispose());
  /** The last request to the endpoint, and the key it was made with. */
  const asked = () => {
    const { url, body } = http.requests.at(-1) ?? { url: new URL('http://none'), body: '{}' };
    const { keyName, ttl, clientId } = JSON.parse(body) as TokenRequest;
    expect(url.pathname).toBe(`/keys/${keyName}/requestToken`);
    return { keyName, ttl, clientId };
  };
  return { auth, asked };
};

describe('the forms of a call', () => {
  it('createTokenRequest signs with the TokenParams and the key of the call', async () => {
    const { auth } = setUp();
    const request = await auth.createTokenRequest(tokenParams, GIVEN);
    expect(request).toMatchObject({ keyName: 'given.key', ttl: 2_000 });
    expect(request).not.toHaveProperty('clientId');
  });

  it('createTokenRequest signs with the TokenParams of the call and the stored key', async () => {
    const { auth } = setUp();
    const request = await auth.createTokenRequest(tokenParams);
    expect(request).toMatchObject({ keyName: 'stored.key', ttl: 2_000 });
    expect(request).not.toHaveProperty('clientId');
  });

  it('createTokenRequest signs with the stored TokenParams and key', async () => {
    const { auth } = setUp();
    const stored = { keyName: 'stored.key', ttl: 1_000, clientId: 'default' };
    expect(await auth.createTokenRequest()).toMatchObject(stored);
    expect(await auth.createTokenRequest(null, GIVEN)).toMatchObject({ ...stored, keyName: 'given.key' });
  });

  it('requestToken uses the TokenParams and the key of the call', async () => {
    const { auth, asked } = setUp();
    await auth.requestToken(tokenParams, GIVEN);
    expect(asked()).toEqual({ keyName: 'given.key', ttl: 2_000 });
  });

  it('requestToken uses the TokenParams of the call and the stored key', async () => {
    const { auth, asked } = setUp();
    await auth.requestToken(tokenParams);
    expect(asked()).toEqual({ keyName: 'stored.key', ttl: 2_000 });
  });

  it('requestToken uses the stored TokenParams and key', async () => {
    const { auth, asked } = setUp();
    await auth.requestToken();
    expect(asked()).toEqual({ keyName: 'stored.key', ttl: 1_000, clientId: 'default' });
  });

  it.each(['createTokenRequest', 'requestToken'] as const)(
    '%s uses the default TokenParams if the argument is null or undefined',
    async (call) => {
      for (const nothing of [null, undefined]) {
        const { auth, asked } = setUp();
        const result = await auth[call](nothing, GIVEN);
        const used = call === 'requestToken' ? asked() : result;
        expect(used).toMatchObject({ keyName: 'given.key', ttl: 1_000, clientId: 'default' });
      }
    },
  );
});
