import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthCallback, Capability, ClientOptions, TokenDetails } from '../../../src/index.js';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { type FakeConnection, fakeConnection } from '../../../src/testing/fake-connection.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

describe('auth.require()', () => {
  let clock: VirtualClock;
  let connection: FakeConnection;
  let asked: (string | undefined)[];
  let auth: Auth;

  /** Grants the requested capability, or `otherwise` if none is requested. */
  const granting = (otherwise: Capability | undefined): AuthCallback => {
    return async (params) => {
      const capability = params.capability as string | undefined;
      asked.push(capability);
      const granted = capability ?? (otherwise === undefined ? undefined : JSON.stringify(otherwise));
      return tokenOf(granted);
    };
  };
  let tokens = 0;
  const tokenOf = (capability: string | undefined): TokenDetails => {
    tokens += 1;
    const issued = clock.now();
    const token = { token: `token-${tokens}`, issued, expires: issued + 3_600_000 };
    return capability === undefined ? token : { ...token, capability };
  };
  const setUp = (authCallback: AuthCallback, more: Partial<ClientOptions> = {}) => {
    auth = new Auth({ authCallback, clock, random: () => 0, ...more });
  };

  beforeEach(() => {
    clock = new VirtualClock();
    connection = fakeConnection();
    asked = [];
  });

  it('require() resolves at once with the current token if that allows everything', async () => {
    setUp(granting({ 'chat:*': ['*'] }));
    const held = await auth.authorize();
    expect(await auth.require({ 'chat:lobby': ['publish'] })).toBe(held);
    expect(asked).toHaveLength(1);
  });

  it('require() requests what is missing in addition to the current rights', async () => {
    setUp(granting(undefined), {
      defaultTokenParams: { ttl: 60_000, clientId: 'ada', capability: { news: ['history'] } },
    });
    await auth.authorize();
    const token = await auth.require({ 'chat:lobby': ['publish'] });
    expect(token.capability).toBe('{"chat:lobby":["publish"],"news":["history"]}');
    expect(auth.tokenDetails).toBe(token);
  });

  it('require() keeps the rights that the token had already', async () => {
    setUp(granting({ news: ['history'] }));
    await auth.authorize();
    await auth.require({ chat: ['publish'] });
    expect(asked).toEqual([undefined, '{"chat":["publish"],"news":["history"]}']);
  });

  it('require() makes one request and one upgrade for all calls of one turn', async () => {
    setUp(granting({}), { connection });
    connection.connect();
    await clock.advance(0);
    const [first, second] = await Promise.all([
      auth.require({ chat: ['publish'] }),
      auth.require('{"chat":["subscribe"],"news":["history"]}'),
    ]);
    expect(first).toBe(second);
    expect(asked.slice(1)).toEqual(['{"chat":["publish","subscribe"],"news":["history"]}']);
    expect(connection.pushes.map(({ type }) => type)).toEqual(['connection.open', 'connection.upgrade']);
  });

  it('require() makes one upgrade for all calls during the first request', async () => {
    const answers: (() => void)[] = [];
    setUp(async ({ capability }) => {
      asked.push(capability as string);
      await new Promise<void>((resolve) => answers.push(resolve));
      return tokenOf(capability as string);
    });
    const first = auth.require({ chat: ['publish'] });
    await clock.advance(0);
    const second = auth.require({ news: ['history'] });
    await clock.advance(0);
    for (const answer of answers) answer();
    expect(await first).toBe(await second);
    expect(asked).toEqual(['{"chat":["publish"]}', '{"chat":["publish"],"news":["history"]}']);
  });

  it('every renewal keeps the required rights and the other parameters', async () => {
    const seen: object[] = [];
    setUp(
      async (params) => {
        seen.push({ ...params });
        return { ...tokenOf(params.capability as string), expires: clock.now() + 60_000 };
      },
      { defaultTokenParams: { ttl: 60_000, clientId: 'ada' } },
    );
    await auth.require({ chat: ['publish'] });
    await clock.advance(60_000);
    expect(seen).toEqual([
      { ttl: 60_000, clientId: 'ada', capability: '{"chat":["publish"]}' },
      { ttl: 60_000, clientId: 'ada', capability: '{"chat":["publish"]}' },
    ]);
    auth.dispose();
  });

  it('require() rejects with the missing operation and channel if the source grants less, and changes nothing', async () => {
    const narrow: Capability = { chat: ['subscribe'] };
    setUp(
      async ({ capability }) => {
        asked.push(capability as string | undefined);
        return tokenOf(JSON.stringify(narrow));
      },
      { connection },
    );
    connection.connect();
    await clock.advance(0);
    const [held, state] = [auth.tokenDetails, connection.state];
    const error = await auth.require({ chat: ['publish', 'subscribe'], news: ['history'] }).catch((e) => e);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({
      code: 40160,
      statusCode: 401,
      message: 'the token does not allow publish on "chat", history on "news"',
      remediation: expect.stringContaining('source'),
    });
    expect([auth.tokenDetails, connection.state, auth.state.value]).toEqual([held, state, 'authorized']);
    expect(connection.pushes).toHaveLength(1);
    await auth.authorize();
    expect(asked).toEqual([undefined, '{"chat":["publish","subscribe"],"news":["history"]}', undefined]);
  });

  it('require() assumes that a token without a capability allows what was requested', async () => {
    setUp(async ({ capability }) => {
      asked.push(capability as string);
      tokens += 1;
      return `opaque-${tokens}`;
    });
    const first = await auth.require({ chat: ['publish'] });
    expect(await auth.require({ chat: ['publish'] })).toBe(first);
    const second = await auth.require({ news: ['history'] });
    expect(second).not.toBe(first);
    expect(asked).toEqual(['{"chat":["publish"]}', '{"chat":["publish"],"news":["history"]}']);
  });

  it('require() adds its rights to an authorize() that replaced it', async () => {
    setUp(granting({}));
    const required = auth.require({ chat: ['publish'] });
    await Promise.resolve();
    await Promise.resolve();
    const authorized = auth.authorize({ capability: { news: ['history'] } });
    expect((await authorized).capability).toBe('{"news":["history"]}');
    expect((await required).capability).toBe('{"chat":["publish"],"news":["history"]}');
  });

  it('an authorize() with fewer rights ends what was required', async () => {
    setUp(granting({}));
    await auth.require({ chat: ['publish'] });
    await auth.authorize({ capability: { news: ['history'] } });
    expect(auth.tokenDetails?.capability).toBe('{"news":["history"]}');
  });

  it('require() rejects with the error of a failing source, and the client stays as it was', async () => {
    let isDown = false;
    setUp(async ({ capability }) => {
      if (isDown) throw new Error('down');
      return tokenOf((capability as string | undefined) ?? '{}');
    });
    const held = await auth.authorize();
    isDown = true;
    await expect(auth.require({ chat: ['publish'] })).rejects.toMatchObject({ code: 40170 });
    expect(auth.tokenDetails).toBe(held);
  });

  it('require() requests nothing after sign-out or dispose()', async () => {
    setUp(granting({}));
    const forgotten = expect(auth.require({ chat: ['publish'] })).rejects.toMatchObject({ code: 80017 });
    auth.forget();
    await forgotten;
    const over = expect(auth.require({ chat: ['publish'] })).rejects.toMatchObject({ code: 80017 });
    auth.dispose();
    await over;
    await expect(auth.require({ chat: ['publish'] })).rejects.toMatchObject({ code: 80017 });
    expect(asked).toEqual([]);
  });

  it.each([
    [null],
    [undefined],
    ['{'],
    [[]],
    [5],
    [{ chat: 'publish' }],
    [{ chat: [5] }],
    [{}],
    [{ chat: [] }],
  ])('require() refuses %o and requests nothing', async (capability) => {
    setUp(granting({}));
    await expect(auth.require(capability as never)).rejects.toMatchObject({ code: 40003 });
    expect(asked).toEqual([]);
  });
});
