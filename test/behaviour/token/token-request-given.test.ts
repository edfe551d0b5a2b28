import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type AuthOptions, type ClientOptions } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp } from '../../uts/mock-http.js';

const KEY = 'app.key:secret';
const HOUR = 3_600_000;

const setUp = (more: ClientOptions, handle?: ConstructorParameters<typeof MockHttp>[0]) => {
  const clock = new VirtualClock();
  const http = new MockHttp(
    handle ??
      ((request, index) =>
        request.url.pathname.endsWith('/requestToken')
          ? json({ token: `token-${index + 1}`, issued: clock.now(), expires: clock.now() + HOUR }, 201)
          : json(['fine'])),
  );
  const auth = new Auth({ clock, random: () => 0, fetch: http.fetch, ...more });
  onTestFinished(() => auth.dispose());
  return { clock, http, auth };
};
const signed = (clientId?: string) =>
  new Auth(KEY).createTokenRequest(clientId === undefined ? null : { clientId });

describe('a literal TokenRequest (TO3j2)', () => {
  it('a literal TokenRequest is kept, and exchanged when a token is first needed', async () => {
    const token = await signed();
    const { http, auth } = setUp({ token });
    expect(auth.tokenDetails).toBeNull();
    expect(http.requests).toHaveLength(0);
    expect((await auth.fetch('/a')).status).toBe(200);
    expect(auth.tokenDetails).toMatchObject({ token: 'token-1' });
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/keys/app.key/requestToken', '/a']);
    expect(JSON.parse(http.requests[0]?.body ?? '')).toEqual(token);
    expect(http.requests[1]?.headers.get('authorization')).toMatch(/^Bearer /);
  });

  it('a literal TokenRequest is used once: after that there is no source, unless there is another one', async () => {
    const alone = setUp({ token: await signed() });
    await alone.auth.authorize();
    await expect(alone.auth.authorize()).rejects.toMatchObject({ code: 40171, statusCode: 401 });
    expect(alone.auth.tokenDetails?.token).toBe('token-1');

    const authCallback = vi.fn(async () => 'from the callback');
    const beside = setUp({ token: await signed(), authCallback });
    expect((await beside.auth.getToken()).token).toBe('token-1');
    expect(authCallback).not.toHaveBeenCalled();
    expect((await beside.auth.authorize()).token).toBe('from the callback');
  });

  it('the other source is used if the service refuses the TokenRequest', async () => {
    const { auth, http } = setUp({ token: await signed(), authCallback: () => 'from the callback' }, () =>
      ablyError(40104, 401, 'Timestamp not current'),
    );
    await expect(auth.getToken()).rejects.toMatchObject({ code: 40104 });
    expect((await auth.authorize()).token).toBe('from the callback');
    expect(http.requests).toHaveLength(1);
  });

  it('a literal TokenRequest is sent again if no service could be reached', async () => {
    let isDown = true;
    const { auth } = setUp({ token: await signed() }, () =>
      isDown ? new TypeError('fetch failed') : json({ token: 'a token' }, 201),
    );
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80003 });
    isDown = false;
    expect((await auth.authorize()).token).toBe('a token');
  });

  it('a literal TokenRequest keeps queryTime and the other options of the client', async () => {
    const { auth, http } = setUp({ token: await signed(), key: KEY, queryTime: true }, ({ url }) =>
      url.pathname === '/time' ? json([1_000]) : json({ token: 'a token' }, 201),
    );
    await auth.getToken();
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/keys/app.key/requestToken']);
    expect((await auth.createTokenRequest()).timestamp).toBe(1_000);
  });

  it('a call may have a literal TokenRequest too', async () => {
    const { auth } = setUp({ key: KEY });
    const authOptions: AuthOptions = { token: await signed(), key: KEY };
    expect((await auth.authorize(null, authOptions)).token).toBe('token-1');
    expect((await auth.requestToken(null, { token: await signed() })).token).toBe('token-2');
    expect((await auth.authorize()).token).toBe('token-3');
  });

  it('a literal TokenRequest for another client is refused at construction', async () => {
    const token = await signed('bob');
    expect(() => new Auth({ token, clientId: 'ada' })).toThrow(expect.objectContaining({ code: 40102 }));
    expect(new Auth({ token, clientId: 'bob' }).clientId).toBe('bob');
  });

  it.each<[string, object]>([
    ['without a mac', { keyName: 'a.b', timestamp: 1, nonce: 'n' }],
    ['without a nonce', { keyName: 'a.b', timestamp: 1, mac: 'm' }],
    ['without a timestamp', { keyName: 'a.b', nonce: 'n', mac: 'm' }],
    ['and is no object of either kind', { a: 1 }],
    ['and is a list', []],
  ])('a literal TokenRequest is refused by name %s', (_what, token) => {
    const make = () => new Auth({ token: token as never });
    expect(make).toThrow(expect.objectContaining({ code: 40003 }));
    expect(make).toThrow(/^token/);
  });

  it('a literal TokenRequest shows nothing secret', async () => {
    const token = await signed();
    const { auth } = setUp({ token });
    await auth.getToken();
    const shown = JSON.stringify([auth, auth.actor.getPersistedSnapshot(), auth.explain()]);
    expect(shown).not.toContain(token.mac);
    expect(shown).not.toContain(token.nonce);
  });
});

describe('a nonce of a TokenRequest', () => {
  it('a nonce that a source returns again is refused here, whatever else is new', async () => {
    let timestamp = 1_000;
    const { auth, http } = setUp({
      authCallback: () => {
        timestamp += 1;
        return { keyName: 'app.key', timestamp, nonce: 'the-same-nonce-again', mac: `mac ${timestamp}` };
      },
    });
    await auth.requestToken();
    await expect(auth.requestToken()).rejects.toMatchObject({
      code: 40105,
      message: expect.stringContaining('nonce') as unknown,
      remediation: expect.stringContaining('sign a new one') as unknown,
    });
    expect(http.requests).toHaveLength(1);
  });

  it('a nonce is not used up by a request that reached no server', async () => {
    let isDown = true;
    const request = { keyName: 'app.key', timestamp: 1_000, nonce: 'a-nonce-of-16-ch', mac: 'a mac' };
    const { auth } = setUp({ authCallback: () => request }, () =>
      isDown ? new TypeError('fetch failed') : json({ token: 'a token' }, 201),
    );
    await expect(auth.requestToken()).rejects.toMatchObject({ code: 80003 });
    isDown = false;
    expect((await auth.requestToken()).token).toBe('a token');
  });
});

describe('queryTime of the client (RSA10k)', () => {
  it('queryTime of the client is kept in a call with TokenParams alone', async () => {
    const { auth, http } = setUp({ key: KEY, queryTime: true }, ({ url }) =>
      url.pathname === '/time' ? json([1_000]) : json({ token: 'a token' }, 201),
    );
    await auth.authorize({ ttl: 5_000, timestamp: 2_000 });
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/keys/app.key/requestToken']);
    expect(await auth.createTokenRequest()).toMatchObject({ ttl: 5_000, timestamp: 1_000 });
  });

  it('queryTime of a call is for that call only', async () => {
    const { auth, http } = setUp({ key: KEY }, ({ url }) =>
      url.pathname === '/time' ? new TypeError('down') : json({ token: 'a token' }, 201),
    );
    await auth.authorize({ timestamp: 2_000 }, { key: KEY, queryTime: true });
    const asked = http.requests.length;
    await auth.createTokenRequest();
    expect(http.requests).toHaveLength(asked);
  });
});
