import { beforeAll, describe, expect, it } from 'vitest';
import { isOwnError, toErrorInfo } from '../../../src/errors/error-info.js';
import { Auth, ErrorInfo, isErrorInfo, isTokenError } from '../../../src/index.js';
import { redacted } from '../../../src/inspect.js';
import { settle, VirtualClock } from '../../../src/testing/index.js';
import { isSecret } from '../../../src/token/secret.js';
import { ScriptedServer, tokenExpired } from '../../kit/connection-server.js';
import { type Copy, secondCopy } from '../../kit/second-copy.js';
import { ADA, EndpointUnderTest, KEY, NOW } from '../../kit/token-endpoint-harness.js';

/** The second copy of the package. This file imports the first. */
let copy: Copy;

beforeAll(async () => {
  copy = await secondCopy();
});

const rejectionOf = (promise: Promise<unknown>): Promise<ErrorInfo> =>
  promise.then(
    () => expect.unreachable(),
    (error: ErrorInfo) => error,
  );

describe('two copies of the package', () => {
  it('no class of one copy is a class of the other', () => {
    expect(new copy.main.ErrorInfo({ code: 40000, message: 'no' })).not.toBeInstanceOf(ErrorInfo);
    expect(copy.main.Auth).not.toBe(Auth);
  });

  it('a StopRenewing of the second copy ends the tries of the first', async () => {
    for (const [message, told] of [
      ['signed out', 'signed out'],
      ['', 'the token source says there will be no token'],
    ] as const) {
      const clock = new VirtualClock();
      let calls = 0;
      const auth = new Auth({
        clock,
        authCallback: async () => {
          calls += 1;
          throw new copy.main.StopRenewing(message);
        },
      });
      const error = await rejectionOf(auth.authorize());
      expect(error).toBeInstanceOf(ErrorInfo);
      expect(error).toMatchObject({ code: 40300, statusCode: 403, message: told, origin: 'source' });
      await clock.advance(3_600_000);
      expect([auth.state.value, auth.state.final, calls]).toEqual(['failed', true, 1]);
      auth.dispose();
    }
  });

  it('an ErrorInfo of the second copy becomes one of the first, with all its fields', async () => {
    const cause = new Error('why');
    const thrown = new copy.main.ErrorInfo({
      code: 42910,
      statusCode: 429,
      message: 'slower',
      remediation: 'Ask less.',
      href: 'https://example.com/errors',
      retryAfterMs: 90_000,
      requestId: 'r-1',
      detail: { room: 'lobby' },
      cause,
    });
    const clock = new VirtualClock();
    const auth = new Auth({ clock, authCallback: () => Promise.reject(thrown) });
    const error = await rejectionOf(auth.authorize());
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error.toJSON()).toEqual({ ...thrown.toJSON(), origin: 'source' });
    expect(error.cause).toEqual(cause);
    expect(error.original).toBe(thrown);
    expect(error.stack).toBe(thrown.stack);
    // The requested wait is kept.
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    expect(auth.state.next?.at).toBe(clock.now() + 90_000);
    auth.dispose();
  });

  it('the first copy recognises, shows and copies an ErrorInfo of the second, with origin and cause', () => {
    const inner = new copy.main.ErrorInfo({ code: 40142, message: 'expired', origin: 'server' });
    const error = new copy.main.ErrorInfo({
      code: 40171,
      message: 'no means',
      cause: inner,
      origin: 'source',
    });
    expect([isErrorInfo(error), isOwnError(error), isTokenError(inner)]).toEqual([true, true, true]);
    const own = toErrorInfo(error, { code: 40000, message: 'not this' });
    expect(own).toBeInstanceOf(ErrorInfo);
    expect(own.toJSON()).toEqual(error.toJSON());
    expect(own.cause).toBe(inner);
    const around = new ErrorInfo({ code: 80019, message: 'around it', cause: error });
    expect(around.toJSON()).toMatchObject({
      cause: { code: 40171, origin: 'source', cause: { code: 40142, origin: 'server' } },
    });
  });

  it('the code of an error of the second client decides nothing if that client is the first one’s source', async () => {
    const clock = new VirtualClock();
    const noMeans = new copy.main.ErrorInfo({ code: 40171, message: 'no means to renew' });
    const auth = new Auth({ clock, authCallback: () => Promise.reject(noMeans) });
    expect(await rejectionOf(auth.authorize())).toMatchObject({ code: 40171, origin: 'source' });
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    auth.dispose();
  });

  it.each([
    ['returned', () => copy.server.refuse(403, 'come back by day')],
    [
      'thrown',
      () => {
        throw copy.server.refuse(403, 'come back by day');
      },
    ],
  ] as const)(
    'a refuse() of the second copy is a refusal for the token endpoint of the first: %s',
    async (_how, grant) => {
      const endpoint = new EndpointUnderTest({ grant });
      const { status, json } = await endpoint.get();
      expect([status, json.error]).toEqual([
        403,
        expect.objectContaining({ code: 40300, statusCode: 403, message: 'come back by day' }),
      ]);
      expect(endpoint.heard).toEqual([]);
    },
  );

  it.each(['token-request', 'jwt', 'token'] as const)(
    'an Auth of the second copy issues for the token endpoint of the first: format %s',
    async (format) => {
      const clock = new VirtualClock(NOW);
      const details = { token: 'issued', issued: NOW, expires: NOW + 1, capability: '{"*":["*"]}' };
      const auth = new copy.main.Auth({ key: KEY, clock, fetch: async () => Response.json(details) });
      const endpoint = new EndpointUnderTest({ auth, format, grant: () => ADA });
      const { status, text } = await endpoint.get({ clientId: 'ada' });
      expect(status).toBe(200);
      expect(text).toContain(format === 'token' ? 'issued' : format === 'jwt' ? 'ey' : '"clientId":"ada"');
    },
  );

  it('the token endpoint of the first copy reports a failure of the second’s Auth unchanged', async () => {
    const auth = new copy.main.Auth({
      key: KEY,
      clock: new VirtualClock(NOW),
      fallbackHosts: [],
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    const endpoint = new EndpointUnderTest({ auth, format: 'token' });
    expect((await endpoint.get()).status).toBe(503);
    expect(endpoint.heard).toEqual([expect.any(ErrorInfo)]);
    expect(endpoint.heard).toMatchObject([{ code: 80003 }]);
  });

  it('a RealtimeConnection of the second copy serves an Auth of the first, and its errors become the first’s', async () => {
    const clock = new VirtualClock();
    const server = new ScriptedServer();
    const connection = new copy.connection.RealtimeConnection({
      clock,
      random: () => 0,
      fallbackHosts: [],
      WebSocket: server.WebSocket,
    });
    let calls = 0;
    const auth = new Auth({
      clock,
      connection,
      authCallback: async () => {
        calls += 1;
        return { token: `token-${calls}`, issued: 0, expires: 3_600_000 };
      },
    });
    const reasons: unknown[] = [];
    auth.on('connection.changed', ({ reason }) => reasons.push(...(reason === undefined ? [] : [reason])));
    await auth.authorize();
    expect([connection.state, server.tokens]).toEqual(['connected', ['token-1']]);
    server.onAuth = tokenExpired;
    server.onOpen = tokenExpired;
    const error = await rejectionOf(auth.authorize());
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({ code: 40142, origin: 'server' });
    await clock.advance(60_000);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toBeInstanceOf(ErrorInfo);
    auth.dispose();
    connection.dispose();
  });

  it('an error of the first copy’s source decides nothing in the second’s connection', async () => {
    const clock = new VirtualClock();
    const connection = new copy.connection.RealtimeConnection({
      clock,
      fallbackHosts: [],
      WebSocket: new ScriptedServer().WebSocket,
    });
    const forbidding = new ErrorInfo({ code: 40171, statusCode: 403, message: 'not you' });
    const auth = new Auth({ clock, connection, authCallback: () => Promise.reject(forbidding) });
    await settle();
    expect([auth.state.final, connection.state]).toEqual([true, 'failed']);
    expect(connection.errorReason).toMatchObject({ code: 80019, statusCode: 403, cause: { code: 40171 } });
    auth.dispose();
    connection.dispose();
  });

  it('a Secret of the second copy is a Secret for the first, and shows no more', () => {
    const box = new copy.machines.Secret('a secret', 'key');
    expect([isSecret(box), redacted({ box })]).toEqual([true, { box: '[key]' }]);
  });
});

describe('values from a wire', () => {
  const received = JSON.parse(
    '{"latchkey.Refusal":true,"Symbol(latchkey.Refusal)":true,"latchkey.issuer":{},"latchkey.Secret":true,' +
      '"code":40300,"statusCode":403,"message":"x","error":{"code":40300,"statusCode":403,"message":"x"}}',
  );

  it('a value from a wire never counts as one of Latchkey’s classes', async () => {
    expect([isOwnError(received), isSecret(received)]).toEqual([false, false]);
    const endpoint = new EndpointUnderTest({ grant: () => received });
    expect((await endpoint.get()).status).toBe(500);
    expect(() => new EndpointUnderTest({ auth: received })).toThrow(expect.objectContaining({ code: 40101 }));
  });

  it('a value from a wire with the shape of a StopRenewing does not end the tries', async () => {
    const like = JSON.parse('{"name":"StopRenewing","message":"signed out"}');
    const auth = new Auth({ clock: new VirtualClock(), authCallback: () => Promise.reject(like) });
    expect(await rejectionOf(auth.authorize())).toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    auth.dispose();
  });

  it.each([
    ['a Proxy that throws', () => new Proxy({}, { get: () => expect.unreachable() })],
    ['one that was revoked', revoked],
  ])('a value from a wire is not read further if it is %s', (_what, make) => {
    expect([isOwnError(make()), isSecret(make())]).toEqual([false, false]);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
