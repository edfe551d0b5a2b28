import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import {
  Auth,
  type ClientOptions,
  ErrorInfo,
  type LogRecord,
  type Reason,
  reasons,
  StopRenewing,
} from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { eventually } from '../kit/eventually.js';

/** A token endpoint on a port of this machine. */
async function endpoint(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const answering =
  (status: number, body = '', type = 'text/plain'): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);

const json = (body: unknown): RequestListener => answering(200, JSON.stringify(body), 'application/json');

/** An address where no server listens any more. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/token`;
}

/** A service on a port of this machine, and how to reach it. */
async function service() {
  const sandbox = createSandbox();
  const { host: endpoint, port } = await sandbox.listen();
  onTestFinished(async () => await sandbox.dispose());
  const key = sandbox.createApp().keys[0];
  const where = { endpoint, port, tls: false, fallbackHosts: [] };
  return { sandbox, where, key: key?.keyStr ?? '', keyName: key?.keyName ?? '' };
}

/** A client, and all that it says of a reason. */
function client(options: ClientOptions) {
  const records: (LogRecord | undefined)[] = [];
  const told: string[] = [];
  const auth = new Auth({
    realtimeRequestTimeout: 2_000,
    logHandler: (_line, _level, record) => void records.push(record),
    ...options,
  });
  onTestFinished(() => auth.dispose());
  for (const name of ['failed', 'renewal.failed', 'expired', 'connection.fail'] as const)
    auth.on(name, ({ reason }: { readonly reason: Reason }) => void told.push(`${name}: ${reason}`));
  return { auth, records, told };
}

async function connected(options: ClientOptions, where: object) {
  const connection = new RealtimeConnection({ ...where, logLevel: 'none' });
  onTestFinished(() => connection.dispose());
  const one = client({ ...where, ...options, connection });
  await eventually(() => expect(connection.state).toBe('connected'));
  return { ...one, connection };
}

const reasonOf = async (failing: Promise<unknown>): Promise<Reason> =>
  await failing.then(
    () => expect.fail('it did not fail'),
    (error: ErrorInfo) => error.reason,
  );

type Fault = readonly [fault: string, reason: Reason, options: () => Promise<ClientOptions>];

const url = async (answer: RequestListener): Promise<ClientOptions> => ({ authUrl: await endpoint(answer) });

/** A source that fails: what the caller, the event, `explain()` and the log say is the same. */
const sources: readonly Fault[] = [
  ['no server listens at the authUrl', 'unreachable', async () => ({ authUrl: await deadUrl() })],
  ['the endpoint breaks off', 'unreachable', () => url((request) => void request.socket.destroy())],
  [
    'the endpoint does not answer',
    'timed out',
    async () => ({ ...(await url(() => {})), realtimeRequestTimeout: 50 }),
  ],
  ['the endpoint answers 401', 'not signed in', () => url(answering(401))],
  ['the endpoint answers 403', 'forbidden', () => url(answering(403))],
  ['the endpoint answers 404', 'source failed', () => url(answering(404))],
  ['the endpoint answers 429', 'rate limited', () => url(answering(429))],
  ['the endpoint answers 503', 'server failed', () => url(answering(503))],
  ['the endpoint gives a page', 'malformed', () => url(answering(200, '<html>', 'text/html'))],
  ['the endpoint gives nothing', 'malformed', () => url(answering(200))],
  ['the endpoint gives JSON that is no token', 'malformed', () => url(json({ jwt: 'x' }))],
  [
    'the endpoint gives a time in seconds',
    'malformed',
    () => url(json({ token: 'abc', issued: 1_800_000_000, expires: 1_800_003_600 })),
  ],
  [
    'the endpoint gives a token for another client',
    'wrong identity',
    async () => ({ ...(await url(json({ token: 'abc', clientId: 'bob' }))), clientId: 'ada' }),
  ],
  [
    'the endpoint gives an error of Ably’s form',
    'rate limited',
    () => url(answering(400, '{"error":{"code":42910,"statusCode":429}}', 'application/json')),
  ],
  [
    'the authCallback throws',
    'source failed',
    async () => ({ authCallback: () => Promise.reject(new Error('no')) }),
  ],
  [
    'the authCallback throws what an HTTP library does at 500',
    'server failed',
    async () => ({
      authCallback: () => Promise.reject(Object.assign(new Error('no'), { response: { status: 500 } })),
    }),
  ],
  [
    'the fetch of the authCallback fails',
    'unreachable',
    async () => {
      const dead = await deadUrl();
      return { authCallback: async () => await (await fetch(dead)).text() };
    },
  ],
  [
    'the fetch of the authCallback times out',
    'timed out',
    async () => {
      const authUrl = await endpoint(() => {});
      return {
        authCallback: async () => await (await fetch(authUrl, { signal: AbortSignal.timeout(50) })).text(),
      };
    },
  ],
  [
    'the authCallback stops renewing',
    'forbidden',
    async () => ({ authCallback: () => Promise.reject(new StopRenewing('signed out')) }),
  ],
  [
    'the authCallback throws an ErrorInfo with a reason',
    'rate limited',
    async () => ({
      authCallback: () =>
        Promise.reject(new ErrorInfo({ code: 40170, message: 'slowly', reason: 'rate limited' })),
    }),
  ],
  [
    'the service does not know the key',
    'refused',
    async () => ({ ...(await service()).where, key: 'app.key:secret', useTokenAuth: true }),
  ],
  [
    'the service is away',
    'unreachable',
    async () => {
      const { where, key, sandbox } = await service();
      await sandbox.dispose();
      return { ...where, key, useTokenAuth: true };
    },
  ],
  [
    'the service fails',
    'server failed',
    async () => {
      const { where, key, sandbox } = await service();
      sandbox.setFault({ requestToken: { status: 500 } });
      return { ...where, key, useTokenAuth: true };
    },
  ],
];

describe('the reason of a known fault', () => {
  it.each(sources)('%s: %s', async (_fault, reason, options) => {
    const { auth, records, told } = client(await options());
    expect(await reasonOf(auth.getToken())).toBe(reason);
    expect(told).toEqual([`failed: ${reason}`]);
    expect(auth.explain().reason).toBe(reason);
    await eventually(() => expect(records.map((record) => record?.reason)).toEqual([reason]));
    expect(auth.state.error?.toJSON()).toMatchObject({ reason });
  });

  it('a token that expires at the server, and cannot be renewed: expired, then no means', async () => {
    const { where, key, sandbox } = await service();
    const { token } = await client({ ...where, key, useTokenAuth: true }).auth.requestToken();
    const { told, connection, auth } = await connected({ token }, where);
    const states: string[] = [];
    connection.onStateChange(({ current }) => void states.push(current));
    sandbox.expireTokens();
    await eventually(() => expect(connection.state).toBe('failed'));
    expect(states).toEqual(['disconnected', 'failed']);
    expect(told).toEqual(['expired: expired', 'connection.fail: no means', 'failed: no means']);
    expect([auth.explain().reason, connection.errorReason?.reason]).toEqual(['no means', 'no means']);
  });

  it('a token that is revoked: revoked, and the next one says that', async () => {
    const { where, key, sandbox } = await service();
    const { auth, told } = await connected({ key, useTokenAuth: true }, where);
    const next = auth.once('authorized');
    sandbox.revokeTokens();
    expect(await next).toMatchObject({ reason: 'refused', attempt: 1 });
    expect(told).toEqual(['expired: revoked']);
  });

  it('a key that is revoked: revoked', async () => {
    const { where, key, keyName, sandbox } = await service();
    const { connection } = await connected({ key, useTokenAuth: true }, where);
    sandbox.revokeKey(keyName);
    await eventually(() => expect(connection.errorReason?.reason).toBe('revoked'));
  });

  it('a source that gives a refused token again: refused', async () => {
    const { where, key, sandbox } = await service();
    const token = await client({ ...where, key, useTokenAuth: true }).auth.requestToken();
    const { told } = await connected({ authCallback: async () => token }, where);
    sandbox.revokeTokens();
    await eventually(() => expect(told).toContain('failed: refused'));
    expect(told[0]).toBe('expired: revoked');
  });

  it('rights that the source does not grant: not permitted', async () => {
    const { where, sandbox } = await service();
    const key = sandbox.createApp({ keys: [{ capability: { chat: ['subscribe'] } }] }).keys[0]?.keyStr ?? '';
    const { auth } = await connected({ key, useTokenAuth: true }, where);
    expect(await reasonOf(auth.require({ chat: ['publish'] }))).toBe('not permitted');
  });

  it('a transport that breaks: connection lost; a server that is away: unreachable', async () => {
    const { where, key, sandbox } = await service();
    const { connection } = await connected({ key, useTokenAuth: true }, where);
    const seen: (string | undefined)[] = [];
    connection.on('disconnected', ({ reason }) => void seen.push(reason?.reason));
    await sandbox.dispose();
    await eventually(() => expect(seen.slice(0, 2)).toEqual(['connection lost', 'unreachable']));
  });

  it('a connection that gets no answer: timed out', async () => {
    const { where, key, sandbox } = await service();
    sandbox.setFault({ connect: 'hang' });
    const connection = new RealtimeConnection({ ...where, logLevel: 'none', realtimeRequestTimeout: 50 });
    onTestFinished(() => connection.dispose());
    client({ ...where, key, useTokenAuth: true, connection });
    await eventually(() => expect(connection.errorReason?.reason).toBe('timed out'));
  });

  it('calls after forget() and dispose(): signed out, closed', async () => {
    const { auth } = client({ authUrl: await endpoint(answering(200, 'a-token')) });
    await auth.authorize();
    auth.forget();
    expect(await reasonOf(auth.getToken())).toBe('signed out');
    expect(auth.explain().reason).toBe('signed out');
    auth.dispose();
    expect(await reasonOf(auth.getToken())).toBe('closed');
  });

  it('calls that cannot be: invalid, no means', async () => {
    const { auth } = client({ token: 'abc' });
    expect(await reasonOf(auth.createTokenRequest())).toBe('no means');
    expect(await reasonOf(auth.requestToken({ ttl: -1 }))).toBe('invalid');
    expect(await reasonOf(auth.authorize({}, {}))).toBe('no means');
  });

  it('each reason has a meaning', () => {
    for (const [reason, meaning] of Object.entries(reasons)) expect(meaning, reason).toMatch(/^[A-Z`].+\.$/);
    expect(Object.keys(reasons).length).toBeGreaterThan(20);
  });
});

describe('the event of a renewal', () => {
  it('an event says why the token was asked for, at which try, and how long each step took', async () => {
    const { where, key } = await service();
    const one = await connected({ key, useTokenAuth: true }, where);
    const renewed = one.auth.once('renewed');
    await one.auth.authorize();
    const { reason, attempt, stepsMs } = await renewed;
    expect([reason, attempt, Object.keys(stepsMs)]).toEqual([
      'authorize',
      1,
      ['asking', 'exchanging', 'presenting'],
    ]);
    for (const ms of Object.values(stepsMs)) expect(ms).toBeGreaterThanOrEqual(0);
  });

  it('an event says that the second try brought the token, and that its source was slow', async () => {
    let asked = 0;
    const authUrl = await endpoint((request, response) => {
      asked += 1;
      setTimeout(() => answering(asked === 1 ? 500 : 200, `token-${asked}`)(request, response), 30);
    });
    const { auth } = client({ authUrl });
    auth.token$.subscribe();
    const { reason, attempt, stepsMs } = await auth.once('authorized');
    expect([reason, attempt]).toEqual(['first', 2]);
    expect(stepsMs.asking).toBeGreaterThan(20);
    expect(stepsMs.exchanging).toBeUndefined();
  });
});
