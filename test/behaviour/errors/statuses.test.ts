import { describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ErrorInfo } from '../../../src/index.js';
import { fakeConnection, settle, VirtualClock } from '../../../src/testing/index.js';
import { ScriptedServer } from '../../kit/connection-server.js';

const never = () => new Promise<never>(() => {});
const DAY = 86_400_000;

/** The error of a call of a client, however long the call lasts. */
async function errorOf(options: object, call: (auth: Auth) => unknown): Promise<ErrorInfo> {
  const clock = new VirtualClock();
  const auth = new Auth({ clock, fallbackHosts: [], ...options });
  const waiting = Promise.resolve(call(auth)).then(
    () => expect.unreachable(),
    (error) => error,
  );
  await clock.advance(60_000);
  auth.dispose();
  return await waiting;
}

/** The error of a connection whose Auth has no token for it. */
async function reasonOf(authCallback: () => Promise<never>): Promise<ErrorInfo | null> {
  const clock = new VirtualClock();
  const WebSocket = new ScriptedServer().WebSocket;
  const connection = new RealtimeConnection({ clock, WebSocket, fallbackHosts: [] });
  const auth = new Auth({ clock, connection, authCallback, logLevel: 'none' });
  await clock.advance(20_000);
  const { errorReason } = connection;
  auth.dispose();
  connection.dispose();
  return errorReason;
}

const answering = (body: BodyInit, init?: ResponseInit) => async () => new Response(body, init);
const key = 'app.key:secret';
const authUrl = 'https://example.com/token';
const authorize = (auth: Auth) => auth.authorize();
const target = { type: 'clientId', value: 'ada' } as const;

type Row = readonly [what: string, code: number, statusCode: number, error: () => Promise<ErrorInfo | null>];

const rows: readonly Row[] = [
  ['a source that never answers', 40170, 401, () => errorOf({ authCallback: never }, authorize)],
  [
    'a source that never answers requestToken()',
    40170,
    401,
    () => errorOf({ authCallback: never }, (auth) => auth.requestToken()),
  ],
  [
    'a connection that never answers',
    80014,
    401,
    () => {
      const connection = fakeConnection({ state: 'connected', autoAccept: false });
      return errorOf({ authCallback: async () => 'a-token', connection }, authorize);
    },
  ],
  [
    'a token whose times are in seconds',
    40170,
    401,
    () =>
      errorOf(
        { authCallback: async () => ({ token: 't', issued: 1_900_000_000, expires: 1_900_003_600 }) },
        authorize,
      ),
  ],
  [
    'a token with a malformed time',
    40170,
    401,
    () => errorOf({ authCallback: async () => ({ token: 't', expires: 'soon' }) }, authorize),
  ],
  ['an answer that is not a token', 40170, 401, () => errorOf({ authCallback: async () => 7 }, authorize)],
  [
    'an authUrl that answers 500',
    40170,
    401,
    () => errorOf({ authUrl, fetch: answering('', { status: 500 }) }, authorize),
  ],
  [
    'a source that throws status 403',
    40300,
    403,
    () => errorOf({ authCallback: () => Promise.reject({ statusCode: 403 }) }, authorize),
  ],
  [
    'a source that throws status 401',
    40100,
    401,
    () => errorOf({ authCallback: () => Promise.reject({ statusCode: 401 }) }, authorize),
  ],
  [
    'a wrong call of fetch',
    40170,
    401,
    () =>
      errorOf({ key, fetch: () => Promise.reject(new TypeError('Illegal invocation')) }, (auth) =>
        auth.time(),
      ),
  ],
  [
    'a service that cannot be reached',
    80003,
    503,
    () => errorOf({ key, fetch: () => Promise.reject(new TypeError('fetch failed')) }, (auth) => auth.time()),
  ],
  [
    'a service that answers a page',
    40170,
    401,
    () => errorOf({ key, fetch: answering('<html>') }, (auth) => auth.time()),
  ],
  [
    'a service without a time',
    40170,
    401,
    () => errorOf({ key, fetch: answering('[]') }, (auth) => auth.time()),
  ],
  [
    'a revocation without a result',
    50000,
    500,
    () => errorOf({ key, fetch: answering('{}') }, (auth) => auth.revokeTokens(target)),
  ],
  [
    'a target that was refused without a reason',
    50000,
    500,
    async () => {
      const fetch = answering('{"results":[{"target":"clientId:ada","error":{}}]}');
      const clock = new VirtualClock();
      const { results } = await new Auth({ key, clock, fetch }).revokeTokens(target);
      return (results[0] as { error: ErrorInfo }).error;
    },
  ],
  [
    'a connection whose Auth has no token for now',
    80019,
    401,
    () => reasonOf(() => Promise.reject(new TypeError('fetch failed'))),
  ],
  ['a connection whose Auth does not answer', 80019, 401, () => reasonOf(never)],
  [
    'a token that a server refused before',
    40170,
    401,
    async () => {
      const clock = new VirtualClock();
      const connection = fakeConnection();
      const details = { token: 'a-token', issued: clock.now(), expires: clock.now() + DAY };
      const auth = new Auth({ clock, connection, authCallback: async () => details, logLevel: 'none' });
      await auth.authorize();
      connection.report({ type: 'token.refused', error: { code: 40142, statusCode: 401 } as ErrorInfo });
      await settle();
      const { error } = auth;
      auth.dispose();
      return error;
    },
  ],
];

describe('the code and the status of an error', () => {
  it.each(rows)('%s: %i with status %i', async (_what, code, statusCode, error) => {
    expect(await error()).toMatchObject({ name: 'ErrorInfo', code, statusCode });
  });
});
