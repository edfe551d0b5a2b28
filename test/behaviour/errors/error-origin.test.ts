import { describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { type ErrorOrigin, toErrorInfo } from '../../../src/errors/error-info.js';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { fakeConnection, settle, VirtualClock } from '../../../src/testing/index.js';
import { ScriptedServer } from '../../kit/connection-server.js';

const KEY = 'appId.keyId:secret';
const never = { code: 40000, message: 'not this' };

const failureOf = (promise: Promise<unknown>): Promise<ErrorInfo> =>
  promise.then(
    () => expect.unreachable(),
    (error: ErrorInfo) => error,
  );

function setUp(options: ClientOptions): Auth {
  return new Auth({ clock: new VirtualClock(), fallbackHosts: [], ...options });
}

/** An answer that contains an origin. */
const answering = (status: number, origin: ErrorOrigin) => async () =>
  Response.json({ error: { code: 40171, statusCode: status, message: 'no', origin } }, { status });

describe('the origin of an error', () => {
  it('the origin is the client itself if no other side sent the error', async () => {
    expect(new ErrorInfo({ code: 40000, message: 'no' }).origin).toBe('latchkey');
    const auth = setUp({ token: 'a token' });
    expect((await failureOf(auth.createTokenRequest())).origin).toBe('latchkey');
    auth.dispose();
  });

  it('the origin of an answer is the server, whatever the answer says', async () => {
    const auth = setUp({ key: KEY, fetch: answering(401, 'source') });
    expect(await failureOf(auth.requestToken())).toMatchObject({ code: 40171, origin: 'server' });
    const silent = setUp({ key: KEY, fetch: async () => new Response('', { status: 400 }) });
    expect(await failureOf(silent.time())).toMatchObject({ code: 40000, origin: 'server' });
  });

  it('the origin of a protocol message is the server, whatever the message says', async () => {
    const clock = new VirtualClock();
    const server = new ScriptedServer();
    const refusal = { code: 40171, statusCode: 401, message: 'no', origin: 'source' };
    server.onOpen = refusal;
    const connection = new RealtimeConnection({ clock, fallbackHosts: [], WebSocket: server.WebSocket });
    const auth = new Auth({ clock, connection, authCallback: async () => 'a token' });
    // The code of a server's error counts: it is final.
    expect(await failureOf(auth.authorize())).toMatchObject({ code: 40171, origin: 'server' });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    auth.dispose();
    connection.dispose();
  });

  it.each([
    ['authUrl', { authUrl: 'https://example.com/token', fetch: answering(401, 'latchkey') }],
    [
      'authCallback',
      {
        authCallback: () =>
          Promise.reject({ code: 40171, statusCode: 401, message: 'no', origin: 'latchkey' }),
      },
    ],
    [
      'an ErrorInfo in authCallback',
      { authCallback: () => Promise.reject(new ErrorInfo({ code: 40171, message: 'no' })) },
    ],
  ] as const)(
    'the origin is the source for an error from %s, whatever that says: its code does not end the tries',
    async (_of, options) => {
      const auth = setUp(options);
      expect(await failureOf(auth.authorize())).toMatchObject({ code: 40171, origin: 'source' });
      expect(auth.state).toMatchObject({ value: 'failed', final: false });
      auth.dispose();
    },
  );

  it.each(['latchkey', 'server', 'source'] as const)(
    'each copy of an error keeps the origin: %s',
    (origin) => {
      const error = new ErrorInfo({ code: 40171, message: 'no means', origin });
      expect(error.toJSON()).toMatchObject({ origin });
      for (const copy of [
        { ...error },
        error.toJSON(),
        JSON.parse(JSON.stringify(error)),
        structuredClone({ ...error }),
        structuredClone(error.toJSON()),
        Object.assign(new Error('no means'), error),
        new ErrorInfo(error),
      ]) {
        const again = toErrorInfo(copy, never);
        expect(again).toBeInstanceOf(ErrorInfo);
        expect(again).toMatchObject({ code: 40171, statusCode: 401, origin });
      }
    },
  );

  it('the origin is the server if an error like Ably’s has none or another one', () => {
    for (const more of [{}, { origin: 'https://example.com' }, { origin: {} }]) {
      expect(toErrorInfo({ code: 40171, statusCode: 401, message: 'no', ...more }, never).origin).toBe(
        'server',
      );
    }
  });

  it('a redacted error keeps the origin, also as the cause of another error', async () => {
    const secret = 'aB3'.repeat(10);
    const thrown = new ErrorInfo({ code: 40142, message: `refused ${secret}`, origin: 'server' });
    const connection = {
      state: 'connected' as const,
      push: () => Promise.reject(thrown),
      attach: () => () => {},
    };
    const auth = setUp({ connection, authCallback: async () => 'a token' });
    const error = await failureOf(auth.authorize());
    expect(error).toMatchObject({ message: 'refused […]', origin: 'server' });
    const around = new ErrorInfo({ code: 80019, message: 'no token', cause: error });
    expect(around.toJSON()).toMatchObject({ origin: 'latchkey', cause: { origin: 'server' } });
    auth.dispose();
  });

  it('an error keeps its origin through a connection in another thread: the code of a source decides nothing', async () => {
    const connection = fakeConnection({ state: 'connected', autoAccept: false });
    const auth = setUp({ connection, authCallback: async () => 'a token' });
    const call = failureOf(auth.authorize());
    await settle();
    const ofASource = new ErrorInfo({ code: 40171, message: 'no', origin: 'source' });
    connection.refuse(structuredClone(ofASource.toJSON()) as never);
    expect(await call).toMatchObject({ code: 40171, origin: 'source' });
    expect(auth.state.final).not.toBe(true);
    auth.dispose();
  });
});
