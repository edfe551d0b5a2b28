import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AblyStateChange, ablyJs } from '../../../src/connection/ably-js/index.js';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth, type ClientOptions, ErrorInfo, StopRenewing } from '../../../src/index.js';
import { fakeConnection, scriptedSource, settle, VirtualClock } from '../../../src/testing/index.js';
import { ScriptedServer, tokenExpired, wireError } from '../../kit/connection-server.js';

const HOUR_MS = 3_600_000;
const down = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });

interface Line {
  readonly at: number;
  readonly level: string;
  readonly text: string;
}

let clock = new VirtualClock();

afterEach(() => {
  clock = new VirtualClock();
  vi.restoreAllMocks();
});

/** A log that keeps its lines. */
function log() {
  const lines: Line[] = [];
  const logHandler = (text: string, level: string) => void lines.push({ at: clock.monotonic(), level, text });
  return { lines, logHandler, texts: () => lines.map(({ level, text }) => `${level}: ${text}`) };
}

function client(options: Partial<ClientOptions> = {}) {
  const { lines, logHandler, texts } = log();
  const source = scriptedSource(clock, { ttl: 60_000 });
  const { authCallback } = source;
  const auth = new Auth({ authCallback, clock, random: () => 0.5, logHandler, ...options });
  onTestFinished(() => {
    auth.dispose();
    expect(clock.pending).toBe(0);
  });
  return { auth, source, lines, texts };
}

function realtime(options: RealtimeConnectionOptions = {}) {
  const server = new ScriptedServer();
  const connection = new RealtimeConnection({
    clock,
    random: () => 0,
    endpoint: 'realtime.example.com',
    WebSocket: server.WebSocket,
    fallbackHosts: [],
    ...options,
  });
  onTestFinished(() => connection.dispose());
  return { connection, server };
}

/** The ms between each line and the previous one. */
const pausesIn = (lines: readonly Line[]): number[] =>
  lines.slice(1).map(({ at }, index) => at - (lines[index]?.at ?? 0));

describe('a failing source in the log', () => {
  it('a failure is logged when it begins, at most once a minute while it lasts, and when it ends', async () => {
    const { auth, source, lines } = client();
    source.goDown(down);
    auth.token$.subscribe();
    await clock.advance(HOUR_MS);
    const [first, ...rest] = lines.splice(0);
    expect(first).toEqual({
      at: 0,
      level: 'warn',
      text: 'no token from authCallback: the token source failed: connect ECONNREFUSED 10.0.0.1:443 (40170). Next try in 1 s.',
    });
    expect(rest.length).toBeGreaterThan(40);
    for (const { level, text } of rest) {
      expect(`${level}: ${text}`).toMatch(
        /^warn: no token from authCallback: .*ECONNREFUSED 10\.0\.0\.1:443 \(40170\)\. \d+ more tr(y|ies) failed in the last \d+ s\. Next try in \d+ s\.$/,
      );
    }
    expect(Math.min(...pausesIn(rest))).toBeGreaterThanOrEqual(60_000);
    source.comeUp();
    await clock.advance(60_000);
    expect(lines).toMatchObject([
      { level: 'warn', text: expect.stringMatching(/^a token from authCallback again, after 6\d min\.$/) },
    ]);
  });

  it('each try is counted once, and the counts of the lines add up', async () => {
    const { auth, source, lines } = client();
    source.goDown(down);
    auth.token$.subscribe();
    await clock.advance(600_000);
    const more = lines.slice(1).map(({ text }) => Number(/(\d+) more tr/.exec(text)?.[1]));
    const since = lines.at(-1)?.at ?? 0;
    expect(since).toBeGreaterThan(500_000);
    const { attempts } = auth.state;
    expect(attempts).toBe(source.calls);
    const untold = attempts - 1 - more.reduce((sum, count) => sum + count, 0);
    expect(untold).toBeGreaterThanOrEqual(0);
    expect(untold).toBeLessThan(5);
  });

  it('a failed renewal is logged while the current token is still valid', async () => {
    const { auth, source, texts } = client();
    await auth.getToken();
    source.goDown(down);
    await clock.advance(59_000);
    expect(auth.tokenDetails).not.toBeNull();
    expect(texts()).toEqual([expect.stringMatching(/^warn: no token from authCallback: .* Next try in/)]);
    source.comeUp();
    await clock.advance(60_000);
    expect(texts().slice(1)).toEqual([
      expect.stringMatching(/^warn: a token from authCallback again, after \d+ s\.$/),
    ]);
  });

  it('a failure is logged on the console by default', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { auth, source } = client({ logHandler: null as never });
    source.goDown(down);
    auth.token$.subscribe();
    await settle();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^latchkey: no token from authCallback: /)]]);
  });

  it('a failed call with a valid current token is not logged, because the caller gets the error', async () => {
    const { auth, source, texts } = client();
    await auth.getToken();
    source.script({ fail: down }, 'succeed');
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40170 });
    await expect(auth.requestToken()).resolves.toBeDefined();
    expect([auth.state.value, texts()]).toEqual(['authorized', []]);
  });

  it('nothing is logged without a failure', async () => {
    const { connection, server } = realtime();
    server.details = { clientId: 'ada' };
    const { auth, texts } = client({ connection });
    await auth.authorize();
    await clock.advance(HOUR_MS);
    connection.close();
    await clock.advance(1_000);
    expect(texts()).toEqual([]);
  });
});

describe('several failures in the log', () => {
  it('only the first three failures are logged at once, and later ones once a minute', async () => {
    const { auth, source, lines } = client({ renewal: { retry: { base: 100 } } });
    auth.token$.subscribe();
    await settle();
    for (let count = 0; count < 150; count += 1) {
      source.script({ fail: down }, 'succeed');
      auth.actor.send({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'old' }) });
      await clock.advance(6_000);
    }
    const begun = lines.filter(({ text }) => text.startsWith('no '));
    expect(begun.length).toBeGreaterThan(10);
    expect(Math.min(...pausesIn(begun.slice(2)))).toBeGreaterThanOrEqual(60_000);
    expect(lines.length).toBeLessThanOrEqual(2 * begun.length);
  });

  it('a later failure is logged after its pause, even if the next try is much later', async () => {
    const { auth, source, texts } = client({ renewal: { retry: { base: 100 } } });
    auth.token$.subscribe();
    await clock.advance(6_000);
    for (let count = 0; count < 4; count += 1) {
      source.script({ fail: down }, ...(count < 3 ? (['succeed'] as const) : []));
      if (count === 3) source.goDown(new ErrorInfo({ code: 50000, message: 'busy', retryAfterMs: HOUR_MS }));
      auth.actor.send({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'old' }) });
      await clock.advance(6_000);
    }
    expect(texts()).toHaveLength(6);
    await clock.advance(60_000);
    expect(texts()).toHaveLength(7);
    expect(texts()[6]).toMatch(/^warn: no token from authCallback: busy \(50000\)\. Next try in 59 min\.$/);
  });
});

describe('a final failure in the log', () => {
  it.each<[string, Partial<ClientOptions>, RegExp]>([
    [
      'a source that forbids it',
      { authCallback: () => Promise.reject(Object.assign(new Error('no such user'), { statusCode: 403 })) },
      /^error: no token from authCallback: no such user \(40300\)\. No other try follows by itself\.$/,
    ],
    [
      'a source that says StopRenewing',
      { authCallback: () => Promise.reject(new StopRenewing('signed out')) },
      /^error: no token from authCallback: signed out \(40300\)\. No other try follows/,
    ],
    [
      'a token that is for somebody else',
      { authCallback: async () => ({ token: 't', clientId: 'bob' }), clientId: 'ada' },
      /^error: no token from authCallback: .*\(40102\)\. No other try follows/,
    ],
  ])('a final failure is logged once as an error: %s', async (_what, options, line) => {
    const { auth, texts } = client(options);
    auth.token$.subscribe();
    await settle();
    auth.token$.subscribe();
    await clock.advance(30_000);
    auth.token$.subscribe();
    await settle();
    expect(texts()).toEqual([expect.stringMatching(line)]);
  });

  it('the expiry of a token that cannot be renewed is logged as an error', async () => {
    const issued = clock.now();
    const { auth, texts } = client({
      authCallback: null,
      tokenDetails: { token: 't', issued, expires: issued + 60_000 },
    });
    auth.token$.subscribe();
    await clock.advance(60_000);
    expect(texts()).toEqual([
      expect.stringMatching(/^error: no token: .*\(40171\)\. No other try follows by itself\./),
    ]);
  });

  it('the expiry at the server of a token that cannot be renewed is logged once, as an error', async () => {
    const { connection, server } = realtime();
    const { auth, texts } = client({ authCallback: null, token: 't', connection });
    await clock.advance(0);
    server.line.send({ action: 6, error: tokenExpired });
    await clock.advance(60_000);
    expect([auth.state.value, connection.state]).toEqual(['failed', 'failed']);
    expect(texts()).toEqual([
      expect.stringMatching(/^error: no token.*\(40171\)\. No other try follows by itself\./),
    ]);
  });

  it('a final failure ends a logged failure, and the next token ends it', async () => {
    const { auth, source, texts } = client();
    source.goDown(down);
    auth.token$.subscribe();
    await clock.advance(5_000);
    source.goDown(new StopRenewing('signed out'));
    await clock.advance(60_000);
    source.comeUp();
    await auth.authorize();
    expect(texts()).toEqual([
      expect.stringMatching(/^warn: no token .*ECONNREFUSED/),
      expect.stringMatching(/^error: no token .*signed out/),
      expect.stringMatching(/^warn: a token from authCallback again, after \d+ s\.$/),
    ]);
  });
});

describe('the end of a failure in the log', () => {
  it.each(['forget', 'dispose'] as const)('a failure ends without a line after %s()', async (call) => {
    const { connection, server } = realtime();
    server.onOpen = 'break';
    const { auth, source, lines } = client({ connection });
    await clock.advance(5_000);
    source.goDown(down);
    auth.actor.send({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'old' }) });
    await clock.advance(5_000);
    expect(lines).toHaveLength(2);
    auth[call]();
    connection.close();
    server.onOpen = 'accept';
    source.comeUp();
    await clock.advance(HOUR_MS);
    if (call === 'forget') await auth.authorize();
    await clock.advance(1_000);
    expect(lines).toHaveLength(2);
  });

  it.each([
    ['none', 0, 0],
    ['error', 0, 1],
    ['warn', 1, 1],
    ['debug', 1, 1],
  ] as const)(
    'a failure at level %s causes %i warnings and %i errors',
    async (logLevel, warnings, errors) => {
      const { auth, source, lines } = client({ logLevel });
      source.goDown(down);
      auth.token$.subscribe();
      await clock.advance(3_000);
      source.goDown(new StopRenewing('signed out'));
      await clock.advance(60_000);
      const of = (level: string) => lines.filter((line) => line.level === level).length;
      expect([of('warn'), of('error')]).toEqual([warnings, errors]);
    },
  );

  it('a log handler may dispose of the client', async () => {
    const source = scriptedSource(clock);
    source.goDown(down);
    const failed = vi.fn();
    const logHandler = vi.fn(() => auth.dispose());
    const auth = new Auth({ authCallback: source.authCallback, clock, logHandler });
    auth.on('failed', failed);
    await expect(auth.getToken()).rejects.toBeDefined();
    await clock.advance(HOUR_MS);
    expect([logHandler.mock.calls.length, failed.mock.calls.length, clock.pending]).toEqual([1, 0, 0]);
  });
});

describe('a line of the log', () => {
  it('a line has the address of the source without secrets, and the cause', async () => {
    const cause = new TypeError('fetch failed', {
      cause: Object.assign(new Error('getaddrinfo ENOTFOUND auth.example.com'), { code: 'ENOTFOUND' }),
    });
    const { auth, texts } = client({
      authCallback: null,
      authUrl: 'https://auth.example.com/v1/Zm9vYmFyYmF6cXV4cXV1eA0123/token?tenant=hush-query',
      authParams: { pass: 'hush-param' },
      authHeaders: { cookie: 'session=hush-header' },
      fetch: () => Promise.reject(cause),
    });
    auth.token$.subscribe();
    await settle();
    expect(texts()).toEqual([
      expect.stringMatching(
        /^warn: no token from https:\/\/auth\.example\.com\/v1\/\[…\]\/token: .*fetch failed: getaddrinfo ENOTFOUND auth\.example\.com \(\d+\)\. Next try/,
      ),
    ]);
    expect(texts().join()).not.toMatch(/hush|Zm9v/);
  });

  it('a line shows no secret that a cause repeats, and stays one line', async () => {
    const secret = 'xVLyHw.zqJ0-Fg_hush_Zm9vYmFyYmF6cXV4';
    const error = new Error(`no\r\nlatchkey: all is well\u2028\u001b[31m for ${secret}`, {
      cause: new Error(`token ${secret} is old`),
    });
    const { auth, source, texts } = client();
    source.goDown(error);
    auth.token$.subscribe();
    await settle();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).not.toMatch(/[\p{Cc}\u2028]|hush/u);
    expect(texts()[0]).toContain('token […] is old');
  });

  it('a line names the service if a key is the source, and the step that failed', async () => {
    const { auth, texts } = client({
      authCallback: null,
      key: 'app.key:hush-secret',
      useTokenAuth: true,
      endpoint: 'rest.example.com',
      fetch: () => Promise.reject(down),
    });
    auth.token$.subscribe();
    await clock.advance(1);
    expect(texts()).toEqual([
      expect.stringMatching(
        /^warn: no token from https:\/\/rest\.example\.com: .*ECONNREFUSED 10\.0\.0\.1:443 \(80003\)/,
      ),
    ]);
    expect(texts().join()).not.toContain('hush');
  });
});

describe('a failing connection in the log', () => {
  it('the log of the Auth has the failures of its connection for an hour, like those of a source', async () => {
    const { connection, server } = realtime();
    const { lines } = client({ connection });
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    server.onOpen = 'break';
    server.line.break();
    await clock.advance(HOUR_MS);
    const [first, ...rest] = lines.splice(0);
    expect(first?.text).toBe(
      'no connection to wss://realtime.example.com: the transport was lost, code 1006 (80003). Next try at once.',
    );
    for (const { text } of rest) {
      expect(text).toMatch(
        /^no connection to wss:\/\/realtime\.example\.com: .*\(80003\)\. \d+ more tr(y|ies) failed in the last \d+ s\. Next try in \d+ s\.$/,
      );
    }
    expect(rest.length).toBeGreaterThan(40);
    expect(Math.min(...pausesIn(rest))).toBeGreaterThanOrEqual(60_000);
    server.onOpen = 'accept';
    await clock.advance(60_000);
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      [
        'warn',
        expect.stringMatching(/^a connection to wss:\/\/realtime\.example\.com again, after 6\d min\.$/),
      ],
    ]);
  });

  it('a connection with a key and without an Auth has its own log', async () => {
    const { lines, logHandler, texts } = log();
    const { connection, server } = realtime({ key: 'app.key:hush-secret', logHandler });
    server.onOpen = 'break';
    connection.connect();
    await clock.advance(0);
    expect(texts()).toEqual([
      expect.stringMatching(
        /^warn: no connection to wss:\/\/realtime\.example\.com: .*\(80003\)\. Next try in 15 s\.$/,
      ),
    ]);
    server.onOpen = 'accept';
    await clock.advance(20_000);
    expect(texts()[1]).toBe('warn: a connection to wss://realtime.example.com again, after 15 s.');
    server.line.send({ action: 9, error: wireError(40400) });
    await clock.advance(0);
    expect(texts()[2]).toMatch(
      /^error: no connection to .*scripted 40400 \(40400\)\. No other try follows by itself\./,
    );
    expect(lines).toHaveLength(3);
  });

  it('a connection with an Auth logs nothing itself, not even after it is disposed of', async () => {
    const own = log();
    const { connection, server } = realtime({ logHandler: own.logHandler });
    server.onOpen = 'break';
    const { lines } = client({ connection });
    await clock.advance(1_000);
    connection.dispose();
    await clock.advance(HOUR_MS);
    expect([own.lines, lines.length]).toEqual([[], 1]);
  });

  it('a connection without a token is not logged again', async () => {
    const { connection } = realtime();
    const { source, texts } = client({ connection });
    source.goDown(down);
    await clock.advance(45_000);
    expect(connection.errorReason?.code).toBe(80019);
    source.goDown(new StopRenewing('signed out'));
    await clock.advance(60_000);
    expect(connection.state).toBe('failed');
    expect(texts()).toEqual([
      expect.stringMatching(/^warn: no token from authCallback: /),
      expect.stringMatching(/^error: no token from authCallback: signed out/),
    ]);
  });

  it('a refused token of a renewal is logged', async () => {
    const { connection, server } = realtime();
    server.details = { clientId: 'ada' };
    const { texts } = client({ connection });
    await clock.advance(0);
    server.onAuth = 'silence';
    await clock.advance(59_000);
    expect(texts()[0]).toMatch(
      /^warn: no token accepted by wss:\/\/realtime\.example\.com: .*did not answer.*\(80014\)\. Next try in/,
    );
  });

  it('tokens that the server refuses one after the other are logged until it accepts one', async () => {
    const { connection, server } = realtime();
    server.onOpen = tokenExpired;
    server.details = { clientId: 'ada' };
    const { lines, texts } = client({ connection });
    await clock.advance(HOUR_MS);
    expect(lines.length).toBeGreaterThan(8);
    expect(Math.min(...pausesIn(lines))).toBeGreaterThanOrEqual(60_000);
    for (const text of texts())
      expect(text).toMatch(/^warn: no token from authCallback.*: scripted 40142 \(40142\)\./);
    lines.length = 0;
    server.onOpen = 'accept';
    await clock.advance(360_000);
    expect(texts()).toEqual([
      expect.stringMatching(/^warn: a token from authCallback again, after 6\d min\.$/),
    ]);
  });

  it('the failure of an adapter without address and reason is logged', async () => {
    const connection = fakeConnection();
    const { texts } = client({ connection });
    connection.connect();
    await settle();
    connection.setState('disconnected');
    connection.setState('connecting');
    connection.setState('connected');
    expect(texts()).toEqual([
      'warn: no connection: no reason was given.',
      'warn: a connection again, after 0 s.',
    ]);
  });

  it('the failure of the official SDK is logged with its host and its next try', async () => {
    let hear = (_change: AblyStateChange) => {};
    const sdk = {
      options: { primaryDomain: 'main.realtime.ably.net' },
      auth: { authorize: async () => {} },
      connection: {
        state: 'connecting' as const,
        connect: () => {},
        close: () => {},
        on: (listener: typeof hear) => {
          hear = listener;
        },
        off: () => {},
      },
    };
    const { texts } = client({ connection: ablyJs(sdk, { clock }) });
    const reason = { code: 80003, statusCode: 400, message: 'Connection to server unavailable' };
    hear({ previous: 'connecting', current: 'disconnected', reason, retryIn: 14_200.5 });
    expect(texts()).toEqual([
      'warn: no connection to main.realtime.ably.net: Connection to server unavailable (80003). Next try in 15 s.',
    ]);
  });
});
