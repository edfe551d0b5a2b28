import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionStateChange, RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { tokenExpired, wireError } from '../../kit/connection-server.js';

describe('a realtime connection', () => {
  let all: ConnectionHarness[] = [];

  const harness = (options: RealtimeConnectionOptions = {}, setting = {}) => {
    const made = new ConnectionHarness(options, setting);
    all.push(made);
    return made;
  };
  const connected = () => harness().connected();

  afterEach(() => {
    for (const { clock, connection, server } of all) {
      connection.dispose();
      expect(clock.pending, 'timers that are left').toBe(0);
      expect(server.live, 'transports that are left').toEqual([]);
      expect(server.lines.filter((line) => line.isHeard)).toEqual([]);
    }
    all = [];
  });

  describe('connecting', () => {
    it('the connection asks for a token at connect(), and connects with it', async () => {
      const { changes, clock, connection, push, reports, server } = bound(harness());
      connection.connect();
      await clock.advance(0);
      expect([connection.state, server.lines.length]).toEqual(['connecting', 0]);
      expect(reports).toEqual(['token.needed', 'connecting']);
      const outcome = push('connection.open', 'token-1');
      await clock.advance(0);
      expect(outcome.result).toBe('accepted');
      expect(reports).toEqual([
        'token.needed',
        'connecting',
        'token.accepted',
        'identity.confirmed ada',
        'connected',
      ]);
      expect(changes).toEqual(['connecting', 'connected']);
      expect([connection.id, connection.key, server.line.token]).toEqual([
        'connection-1',
        'key-1',
        'token-1',
      ]);
    });

    it('the connection connects by itself when an Auth is attached and ready for its reports', async () => {
      const { clock, connection, reports } = harness({ autoConnect: true });
      expect([connection.state, reports]).toEqual(['initialized', []]);
      await clock.advance(0);
      expect([connection.state, reports]).toEqual(['connecting', ['token.needed', 'connecting']]);
    });

    it('the connection waits for an Auth without a limit, and asks the Auth that is attached later', async () => {
      const one = harness({}, { attached: false });
      one.connection.connect();
      await one.clock.advance(3_600_000);
      expect(one.changes).toEqual(['connecting']);
      one.attach();
      await one.clock.advance(0);
      expect(one.reports).toEqual(['token.needed']);
    });

    it('the connection serves one Auth at a time', () => {
      const one = harness();
      expect(() => one.attach()).toThrow(expect.objectContaining({ code: 40003 }));
      one.detach();
      expect(() => one.attach()).not.toThrow();
    });

    it('the connection is disconnected with 80019 if no token arrives in time, and asks again later', async () => {
      const { changes, clock, connection, reports } = harness();
      connection.connect();
      await clock.advance(10_000);
      expect(changes).toEqual(['connecting', 'disconnected 80019 in 15000']);
      await clock.advance(15_000);
      expect(reports.filter((report) => report === 'token.needed')).toHaveLength(2);
    });

    it('the connection retries after a silent server with growing waits, at most twice the first', async () => {
      const { changes, clock, push, server } = bound(harness());
      server.onOpen = 'silence';
      const outcome = push('connection.open', 'token-1');
      await clock.advance(110_000);
      expect(changes.filter((change) => change.startsWith('disconnected'))).toEqual([
        'disconnected 80014 in 15000',
        'disconnected 80014 in 20000',
        'disconnected 80014 in 25000',
        'disconnected 80014 in 30000',
      ]);
      expect(outcome.result).toBeUndefined();
    });

    it('the connection shortens its waits by up to a fifth', async () => {
      const { changes, clock, push, server } = bound(harness({ random: () => 0.5 }));
      server.onOpen = 'break';
      push('connection.open', 'token-1');
      await clock.advance(0);
      expect(changes).toEqual(['connecting', 'disconnected 80003 in 13500']);
    });

    it('the connection is suspended exactly when the server forgets it, and retries slowly', async () => {
      const { changes, clock, connection, push, server } = bound(await connected());
      server.onOpen = 'break';
      server.line.break();
      const outcome = push('connection.open', 'token-2');
      await clock.advance(119_999);
      expect(connection.state).toBe('disconnected');
      await clock.advance(1);
      expect(changes.at(-1)).toBe('suspended 80003 in 30000');
      expect(outcome.result).toMatchObject({ code: 80003 });
      server.onOpen = 'accept';
      await clock.advance(30_000);
      expect([connection.state, connection.id, server.line.resume]).toEqual([
        'connected',
        'connection-1',
        'key-1',
      ]);
    });

    it('the connection fails with the error of a final refusal', async () => {
      const { changes, clock, connection, push, server } = bound(harness());
      server.onOpen = wireError(40101);
      const outcome = push('connection.open', 'token-1');
      await clock.advance(3_600_000);
      expect(outcome.result).toMatchObject({ code: 40101, statusCode: 401 });
      expect(connection.errorReason).toMatchObject({ code: 40101 });
      expect(changes).toEqual(['connecting', 'failed 40101']);
      expect(server.lines).toHaveLength(1);
    });

    it('a failed connection asks for a new token at connect()', async () => {
      const { clock, connection, push, reports, server } = bound(harness());
      server.onOpen = wireError(40101);
      push('connection.open', 'token-1');
      await clock.advance(0);
      connection.connect();
      expect([connection.errorReason, reports.at(-2)]).toEqual([null, 'token.needed']);
      server.onOpen = 'accept';
      push('connection.open', 'token-2');
      await clock.advance(0);
      expect(connection.state).toBe('connected');
    });

    it('the connection reports a refused token, connects with the next one at once, and waits after a second refusal', async () => {
      const { changes, clock, connection, push, reports, server } = bound(harness());
      server.onOpen = tokenExpired;
      const first = push('connection.open', 'token-1');
      await clock.advance(0);
      expect(first.result).toMatchObject({ code: 40142 });
      expect([connection.state, reports.at(-1)]).toEqual(['connecting', 'token.refused 40142']);
      push('connection.open', 'token-2');
      await clock.advance(0);
      expect(server.tokens).toEqual(['token-1', 'token-2']);
      expect(changes).toEqual(['connecting', 'disconnected 40142 in 15000']);
      expect(connection.errorReason).toMatchObject({ code: 40142 });
      await clock.advance(15_000);
      expect(reports.at(-2)).toBe('token.needed');
    });

    it('the connection reports a failed resumption and continues as a new connection', async () => {
      const { changes, clock, connection, server } = await connected();
      server.resumes = false;
      server.line.break();
      await clock.advance(0);
      expect(changes.at(-1)).toBe('connected 80018');
      expect([connection.id, connection.errorReason?.code]).toEqual(['connection-2', 80018]);
    });

    it('the address of the connection has all of its parameters', async () => {
      const one = harness({
        endpoint: 'nonprod:lab',
        tlsPort: 8443,
        clientId: 'ada',
        agent: 'chat/2.0',
        echoMessages: false,
        transportParams: { remainPresentFor: 0, accessToken: 'not this one' },
      });
      await one.connected();
      const { host, protocol, searchParams } = one.server.line.url;
      expect(`${protocol}//${host}`).toBe('wss://lab.realtime.ably-nonprod.net:8443');
      expect(Object.fromEntries(searchParams)).toEqual({
        v: '6',
        format: 'json',
        heartbeats: 'true',
        agent: 'latchkey/0.1.0 chat/2.0',
        clientId: 'ada',
        echo: 'false',
        remainPresentFor: '0',
        accessToken: 'token-1',
      });
    });

    it.each([
      [{}, 'wss://main.realtime.ably.net'],
      [{ endpoint: 'lab' }, 'wss://lab.realtime.ably.net'],
      [{ endpoint: 'example.com', port: 80, tls: false }, 'ws://example.com'],
      [{ endpoint: 'localhost', port: 8080, tls: false }, 'ws://localhost:8080'],
      [{ endpoint: '::1', port: 8080, tls: false }, 'ws://[::1]:8080'],
    ])('the connection connects with %j to %s, without echo and clientId', async (options, origin) => {
      const one = harness({ ...options, clientId: null });
      await one.connected();
      const { host, protocol, searchParams } = one.server.line.url;
      expect(`${protocol}//${host}`).toBe(origin);
      expect([searchParams.has('clientId'), searchParams.has('echo')]).toEqual([false, false]);
    });
  });

  describe('connected', () => {
    it('the connection reconnects at once after its transport broke, with the same id', async () => {
      const { changes, clock, connection, reports, server } = await connected();
      server.line.break(1006);
      await clock.advance(0);
      expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
      expect([server.line.resume, server.line.token]).toEqual(['key-1', 'token-1']);
      expect([connection.id, connection.key, connection.errorReason]).toEqual([
        'connection-1',
        'key-2',
        null,
      ]);
      expect(reports).not.toContain('token.needed');
    });

    it('the connection reconnects more slowly to a server that drops it right after each connect', async () => {
      const { changes, clock, server } = await connected();
      const waits = [0, 950, 950, 1_950, 3_950, 7_950, 14_950, 14_950];
      for (const ms of waits) {
        await clock.advance(50);
        server.line.break();
        expect(changes.at(-1)).toBe(`disconnected 80003 in ${ms}`);
        await clock.advance(ms);
        expect(server.live).toHaveLength(1);
      }
      // A connection that lasts ends the sequence of short ones.
      await clock.advance(2_000);
      server.line.break();
      expect(changes.at(-1)).toBe('disconnected 80003 in 0');
    });

    it('the connection reconnects at once as long as each connection lasts', async () => {
      const { changes, clock, server } = await connected();
      for (let time = 0; time < 20; time += 1) {
        await clock.advance(2_000);
        server.line.break();
        await clock.advance(0);
        expect(changes.at(-1)).toBe('connected');
      }
    });

    it('the connection reconnects with the same token after a DISCONNECTED for another reason', async () => {
      const { clock, connection, reports, server } = await connected();
      server.line.send({ action: 6, error: wireError(80003, 400) });
      await clock.advance(0);
      expect([connection.state, server.tokens]).toEqual(['connected', ['token-1', 'token-1']]);
      expect(reports.join()).not.toContain('token');
    });

    it('the connection gets another token at once when its own expired, and resumes', async () => {
      const { changes, clock, connection, push, reports, server } = bound(await connected());
      server.line.send({ action: 6, error: tokenExpired });
      await clock.advance(0);
      expect([connection.state, reports]).toEqual([
        'connecting',
        ['token.refused 40142', 'disconnected 40142', 'connecting'],
      ]);
      expect(server.live).toEqual([]);
      push('connection.open', 'token-2');
      await clock.advance(0);
      expect(changes).toEqual(['disconnected 40142 in 0', 'connecting', 'connected']);
      expect([connection.id, server.line.token, server.line.resume]).toEqual([
        'connection-1',
        'token-2',
        'key-1',
      ]);
    });

    it('the connection reports that the server asks for a token', async () => {
      const { connection, reports, server } = await connected();
      server.line.send({ action: 17 });
      expect([connection.state, reports]).toEqual(['connected', ['token.asked']]);
    });

    it.each([
      ['without a channel', {}],
      ['with a channel that is null', { channel: null }],
      ['with a channel that is empty', { channel: '' }],
    ])('the connection fails on an ERROR %s', async (_title, more) => {
      const { connection, server } = await connected();
      server.line.send({ action: 9, error: wireError(50000), ...more });
      expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 50000]);
      expect([connection.id, connection.key]).toEqual([null, null]);
    });

    it('the connection passes on the messages that it does not handle, and only those', async () => {
      const { connection, server } = await connected();
      const passed: unknown[] = [];
      const stop = connection.onMessage((message) => passed.push(message));
      const foreign = [
        { action: 9, channel: 'chat', error: wireError(40160) },
        { action: 15, channel: 'chat', messages: [] },
        { action: 0, id: 'ping' },
        { action: 99, of: 'the future' },
      ];
      for (const message of foreign) server.line.send(message);
      server.line.send({ action: 0 });
      expect(passed).toEqual(foreign);
      stop();
      server.line.send({ action: 15 });
      expect(passed).toHaveLength(foreign.length);
      expect(connection.state).toBe('connected');
    });

    it('the connection ignores frames that are not messages', async () => {
      const { changes, connection, server } = await connected();
      for (const frame of ['', 'null', '[]', '{"action":"4"}', '{', new ArrayBuffer(4), undefined]) {
        server.line.sendText(frame);
      }
      expect(changes).toEqual([]);
      server.line.send({ action: 4, connectionId: 7, connectionDetails: null, error: null });
      expect(changes).toEqual(['update']);
      expect([connection.state, connection.id, connection.key]).toEqual([
        'connected',
        'connection-1',
        'key-1',
      ]);
    });

    it('the connection connects with an empty CONNECTED, and then cannot resume', async () => {
      const { clock, connection, push, reports, server } = bound(harness());
      server.onOpen = 'silence';
      push('connection.open', 'token-1');
      await clock.advance(0);
      server.line.send({ action: 4 });
      expect([connection.state, connection.id, connection.key]).toEqual(['connected', null, null]);
      expect(reports).toContain('identity.confirmed null');
      server.line.break();
      await clock.advance(0);
      expect(server.line.resume).toBeNull();
    });

    it('the connection sends messages while it is connected', async () => {
      const { connection, server } = await connected();
      connection.send({ action: 10, channel: 'chat' });
      expect(server.line.received).toEqual([{ action: 10, channel: 'chat' }]);
      server.line.break();
      expect(() => connection.send({ action: 10 })).toThrow(expect.objectContaining({ code: 80003 }));
    });

    it('the connection drops a transport that is silent for longer than announced plus its own timeout', async () => {
      const { changes, clock, server } = await connected();
      await clock.advance(20_000);
      server.line.send({ action: 0 });
      await clock.advance(24_999);
      expect(changes).toEqual([]);
      await clock.advance(1);
      expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
    });

    it('the connection keeps a silent transport if the server announced no limit', async () => {
      const one = harness();
      one.server.details = {};
      await one.connected();
      await one.clock.advance(3_600_000);
      expect(one.changes).toEqual([]);
    });

    it('the connection reports an update with its error, and keeps its id', async () => {
      const { changes, connection, server } = await connected();
      server.sayConnected(server.line, { connectionId: 'another', error: wireError(40160) });
      expect(changes).toEqual(['update 40160']);
      expect([connection.id, connection.key, connection.errorReason]).toEqual([
        'connection-1',
        'key-2',
        null,
      ]);
    });

    it('the connection uses the server’s time limit for a lost connection after it received one', async () => {
      const one = harness();
      one.server.details = { connectionStateTtl: 5_000 };
      await one.connected();
      one.server.onOpen = 'break';
      one.server.line.break();
      await one.clock.advance(5_000);
      expect(one.connection.state).toBe('suspended');
    });
  });

  describe('closing', () => {
    it('the connection sends CLOSE, and is closed after the server’s CLOSED', async () => {
      const { changes, clock, connection, server } = await connected();
      connection.close();
      expect([connection.state, connection.id, connection.key]).toEqual(['closing', null, null]);
      await clock.advance(0);
      expect(server.line.received).toEqual([{ action: 7 }]);
      expect(changes).toEqual(['closing', 'closed']);
    });

    it('the connection is closed even if the server does not answer in time', async () => {
      const { clock, connection, server } = await connected();
      server.onClose = 'silence';
      connection.close();
      await clock.advance(9_999);
      expect(connection.state).toBe('closing');
      await clock.advance(1);
      expect(connection.state).toBe('closed');
    });

    it('the connection sends CLOSE to a server that answers only then', async () => {
      const { changes, clock, connection, push, server } = bound(harness());
      server.onOpen = 'silence';
      const outcome = push('connection.open', 'token-1');
      await clock.advance(1);
      connection.close();
      await clock.advance(0);
      expect(outcome.result).toMatchObject({ code: 80017 });
      server.sayConnected();
      await clock.advance(0);
      expect(server.line.received).toEqual([{ action: 7 }]);
      expect(changes).toEqual(['connecting', 'closing', 'closed']);
    });

    it('a server that refuses the connection or breaks its transport closes it', async () => {
      for (const end of ['refuse', 'break']) {
        const { clock, connection, push, server } = bound(harness());
        server.onOpen = 'silence';
        push('connection.open', 'token-1');
        await clock.advance(1);
        connection.close();
        if (end === 'break') server.line.break();
        else server.line.send({ action: 9, error: wireError(40101) });
        expect(connection.state).toBe('closed');
      }
    });

    it.each(['initialized', 'awaiting', 'disconnected'] as const)(
      'the connection closes at once when %s',
      async (from) => {
        const { clock, connection, push, server } = bound(harness());
        server.onOpen = 'break';
        if (from === 'awaiting') connection.connect();
        if (from === 'disconnected') push('connection.open', 'token-1');
        await clock.advance(0);
        connection.close();
        await clock.advance(3_600_000);
        expect(connection.state).toBe('closed');
        expect(server.lines.length).toBe(from === 'disconnected' ? 1 : 0);
      },
    );

    it('a closed connection connects again with its token', async () => {
      const { clock, connection, server } = await connected();
      connection.close();
      await clock.advance(0);
      connection.connect();
      await clock.advance(0);
      expect([connection.state, connection.id, server.line.resume]).toEqual([
        'connected',
        'connection-2',
        null,
      ]);
    });

    it('a closing connection connects again, and the old transport has no effect', async () => {
      const { changes, clock, connection, server } = await connected();
      server.onClose = 'silence';
      connection.close();
      const old = server.line;
      connection.connect();
      old.send({ action: 8 });
      await clock.advance(20_000);
      expect(changes).toEqual(['closing', 'connecting', 'connected']);
      expect(old.isOver).toBe(true);
    });
  });

  describe('the listeners of connection changes', () => {
    it('a listener receives the previous state, the current state and the reason', async () => {
      const { clock, connection, server } = await connected();
      const changes: ConnectionStateChange[] = [];
      connection.onStateChange((change) => changes.push(change));
      server.onOpen = 'break';
      server.line.break();
      await clock.advance(0);
      expect(changes).toMatchObject([
        { previous: 'connected', current: 'disconnected', event: 'disconnected', retryIn: 0 },
        { previous: 'disconnected', current: 'connecting', event: 'connecting' },
        { previous: 'connecting', current: 'disconnected', event: 'disconnected', retryIn: 15_000 },
      ]);
      expect(changes.map((change) => 'reason' in change)).toEqual([true, false, true]);
    });

    it('a listener may close the connection and remove itself', async () => {
      const { clock, connection, server } = await connected();
      const stop = connection.onStateChange(({ current }) => {
        stop();
        if (current === 'disconnected') connection.close();
      });
      server.line.break();
      await clock.advance(0);
      expect([connection.state, server.live]).toEqual(['closed', []]);
    });

    it('a listener that is added during a change receives the next change', async () => {
      const { clock, connection, server } = await connected();
      const heard: string[] = [];
      connection.onStateChange(({ current }) => {
        if (current !== 'disconnected') return;
        connection.onStateChange((change) => heard.push(change.current));
      });
      server.line.break();
      await clock.advance(0);
      expect(heard).toEqual(['connecting', 'connected']);
    });

    it('a disposed connection calls no listener and leaves nothing behind', async () => {
      const { changes, clock, connection, push, reports, server } = bound(await connected());
      server.onAuth = 'silence';
      const outcome = push('connection.upgrade', 'token-2');
      const { line } = server;
      connection.dispose();
      expect([connection.state, connection.id, connection.key]).toEqual(['closed', null, null]);
      // The last report: the Auth needs to fetch no token for this connection any more.
      expect(reports.splice(0)).toEqual(['closed']);
      line.sendText('{"action":4}');
      connection.connect();
      await clock.advance(3_600_000);
      expect(outcome.result).toMatchObject({ code: 80017 });
      expect(push('connection.open', 'token-3').result).toBeUndefined();
      expect([changes, reports, clock.pending, line.isOver]).toEqual([[], [], 0, true]);
    });

    it('an Auth that detaches before its first microtask receives nothing', async () => {
      const { clock, connection, detach, reports } = harness({ autoConnect: true });
      detach();
      await clock.advance(0);
      expect([connection.state, reports]).toEqual(['initialized', []]);
    });
  });
});

/** The harness with methods that work without their object. */
function bound(one: ConnectionHarness) {
  const { changes, clock, connection, reports, server } = one;
  return { changes, clock, connection, reports, server, push: one.push.bind(one) };
}
