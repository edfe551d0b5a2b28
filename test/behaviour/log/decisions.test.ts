import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ClientOptions, type Decision, type LogRecord } from '../../../src/index.js';
import { inWords } from '../../../src/inspect.js';
import { fakeConnection, scriptedSource, settle, VirtualClock } from '../../../src/testing/index.js';
import { ScriptedServer } from '../../kit/connection-server.js';

interface Line {
  readonly text: string;
  readonly level: string;
  readonly record: LogRecord | undefined;
}

afterEach(() => {
  vi.restoreAllMocks();
});

function client(options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const lines: Line[] = [];
  const source = scriptedSource(clock, { ttl: 60_000 });
  const auth = new Auth({
    authCallback: source.authCallback,
    clock,
    random: () => 0.5,
    logLevel: 'debug',
    logHandler: (text, level, record) => void lines.push({ text, level, record }),
    ...options,
  });
  onTestFinished(() => {
    auth.dispose();
    expect(clock.pending).toBe(0);
  });
  return { auth, clock, source, lines, texts: () => lines.map(({ text }) => text) };
}

describe('the log at the level debug', () => {
  it('each decision is a line in words, with the decision itself', async () => {
    const { auth, clock, lines, texts } = client();
    await auth.authorize();
    await clock.advance(55_000);
    await settle();
    expect(texts()).toEqual([
      'Requesting because authorize() was called.',
      expect.stringMatching(/^Authorized: a token was obtained; renews in .*\.$/),
      expect.stringMatching(/^Renewing because \d+ % of a 60 s life has passed; .*\.$/),
      expect.stringMatching(/^Authorized: the token was renewed; renews in .*\.$/),
    ]);
    expect(lines.map(({ record }) => record?.reason)).toEqual([
      'authorize',
      'authorize',
      'renewal',
      'renewal',
    ]);
    for (const { level, record, text } of lines)
      expect([level, inWords(record?.decision as Decision)]).toEqual(['debug', text]);
  });

  it('a decision after a failure has the error and its reason', async () => {
    const { auth, lines, source } = client();
    source.script({ fail: Object.assign(new Error('no'), { status: 500 }) });
    await auth.getToken().catch(() => {});
    await settle();
    const { text, record } = lines.filter(({ level }) => level === 'debug').at(-1) as Line;
    expect(text).toMatch(/^Failed: .* \(40170\); next try in .*, one try failed\.$/);
    expect([record?.reason, record?.error?.code]).toEqual(['server failed', 40170]);
  });

  it('each state of the connection is a line, also where the connection has a log of its own', async () => {
    const connection = fakeConnection();
    const { auth, lines, texts } = client({ connection });
    await auth.authorize();
    connection.setState('disconnected');
    await settle();
    expect(texts().filter((text) => text.startsWith('the connection'))).toEqual([
      'the connection is connecting.',
      'the connection is connected.',
      'the connection is disconnected.',
    ]);
    expect(lines.every(({ level, text }) => level === 'debug' || text.startsWith('no '))).toBe(true);

    const own: string[] = [];
    const server = new ScriptedServer();
    const clock = new VirtualClock();
    const realtime = new RealtimeConnection({
      clock,
      endpoint: 'realtime.example.com',
      WebSocket: server.WebSocket,
      logLevel: 'debug',
      logHandler: (text, level, record) => void own.push(`${level} ${record?.reason}: ${text}`),
    });
    onTestFinished(() => realtime.dispose());
    const token = { token: 'secret-token' };
    await Promise.all([
      realtime.push({ type: 'connection.open', token }, new AbortController().signal),
      clock.advance(0),
    ]);
    server.line.break();
    await settle();
    expect(own.filter((line) => line.startsWith('debug'))).toEqual([
      'debug undefined: the connection to wss://realtime.example.com is connecting.',
      'debug undefined: the connection to wss://realtime.example.com is connected.',
      expect.stringMatching(
        /^debug connection lost: the connection to wss:\/\/realtime\.example\.com is disconnected: .* \(80003\); next try in 0 ms\.$/,
      ),
    ]);
    expect(own.join()).not.toContain('secret-token');
  });

  it('a client with another level logs no decision', async () => {
    const { auth, lines } = client({ logLevel: 'info' });
    await auth.authorize();
    await settle();
    expect(lines).toEqual([]);
  });

  it('the console gets the decision besides the words', async () => {
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
    const { auth } = client({ logHandler: undefined as never });
    await auth.authorize();
    await settle();
    const [text, decision] = debug.mock.calls.at(-1) ?? [];
    expect(text).toBe(`latchkey: ${inWords(decision as Decision)}`);
  });
});
