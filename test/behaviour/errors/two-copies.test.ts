import { beforeAll, describe, expect, it } from 'vitest';
import { isOwnError, toErrorInfo } from '../../../src/errors/error-info.js';
import { Auth, ErrorInfo, isErrorInfo, isTokenError } from '../../../src/index.js';
import { redacted } from '../../../src/inspect.js';
import { settle, VirtualClock } from '../../../src/testing/index.js';
import { isSecret } from '../../../src/token/secret.js';
import { ScriptedServer, tokenExpired } from '../../kit/connection-server.js';
import { type Copy, secondCopy } from '../../kit/second-copy.js';
import { ADA, EndpointUnderTest, KEY, NOW } from '../../kit/token-endpoint-harness.js';

/** The second copy of the package; the first is what this file imports. */
let copy: Copy;

beforeAll(async () => {
  copy = await secondCopy();
});

const rejectionOf = (promise: Promise<unknown>): Promise<ErrorInfo> =>
  promise.then(
    () => expect.unreachable(),
    (error: ErrorInfo) => error,
  );

describe('of two copies of the package', () => {
  it('none has a class of the other', () => {
    expect(new copy.main.ErrorInfo({ code: 40000, message: 'no' })).not.toBeInstanceOf(ErrorInfo);
    expect(copy.main.Auth).not.toBe(Auth);
  });

  it("a StopRenewing of the second ends the first's trying for good", async () => {
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

  it('an ErrorInfo of the second is one of the first once it went through it, with all its fields', async () => {
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
    expect(error.cause).toBe(cause);
    expect(error.stack).toBe(thrown.stack);
    // The wait that it asks for is kept.
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    expect(auth.state.next?.at).toBe(clock.now() + 90_000);
    auth.dispose();
  });

  it('an ErrorInfo of the second is known, shown and copied by the first, its origin and its cause too', () => {
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

  it("a code that the second's client found decides nothing for a first that has it as its source", async () => {
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
    "a refuse() of the second is a refusal for the first's token endpoint: %s",
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
    "an Auth of the second issues for the first's token endpoint: format %s",
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

  it("a failure of the second's Auth is told by the first's token endpoint as what it is", async () => {
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

  it("a RealtimeConnection of the second serves the first's Auth, and its errors are the first's", async () => {
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

  it("an error of the first's source has no say in the second's connection", async () => {
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

  it('a box of the second is a box for the first, and shows no more than one of its own', () => {
    const box = new copy.machines.Secret('a secret', 'key');
    expect([isSecret(box), redacted({ box })]).toEqual([true, { box: '[key]' }]);
  });
});

describe('what came over a wire', () => {
  const received = JSON.parse(
    '{"latchkey.Refusal":true,"Symbol(latchkey.Refusal)":true,"latchkey.issuer":{},"latchkey.Secret":true,' +
      '"code":40300,"statusCode":403,"message":"x","error":{"code":40300,"statusCode":403,"message":"x"}}',
  );

  it('is never taken for one of ours, whatever it says', async () => {
    expect([isOwnError(received), isSecret(received)]).toEqual([false, false]);
    const endpoint = new EndpointUnderTest({ grant: () => received });
    expect((await endpoint.get()).status).toBe(500);
    expect(() => new EndpointUnderTest({ auth: received })).toThrow(expect.objectContaining({ code: 40101 }));
  });

  it('ends no trying by being like a StopRenewing', async () => {
    const like = JSON.parse('{"name":"StopRenewing","message":"signed out"}');
    const auth = new Auth({ clock: new VirtualClock(), authCallback: () => Promise.reject(like) });
    expect(await rejectionOf(auth.authorize())).toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ value: 'failed', final: false });
    auth.dispose();
  });

  it.each([
    ['a Proxy that throws', () => new Proxy({}, { get: () => expect.unreachable() })],
    ['one that was revoked', revoked],
  ])('is not looked into further where it is %s', (_what, make) => {
    expect([isOwnError(make()), isSecret(make())]).toEqual([false, false]);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
