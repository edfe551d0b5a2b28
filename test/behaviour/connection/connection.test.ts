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
    it('asks for a token when told to connect, and connects with it', async () => {
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

    it('connects by itself when an Auth is there, but not before that Auth is ready to hear it', async () => {
      const { clock, connection, reports } = harness({ autoConnect: true });
      expect([connection.state, reports]).toEqual(['initialized', []]);
      await clock.advance(0);
      expect([connection.state, reports]).toEqual(['connecting', ['token.needed', 'connecting']]);
    });

    it('waits for an Auth where there is none, however long, and asks the one that comes', async () => {
      const one = harness({}, { attached: false });
      one.connection.connect();
      await one.clock.advance(3_600_000);
      expect(one.changes).toEqual(['connecting']);
      one.attach();
      await one.clock.advance(0);
      expect(one.reports).toEqual(['token.needed']);
    });

    it('serves one Auth at a time', () => {
      const one = harness();
      expect(() => one.attach()).toThrow(expect.objectContaining({ code: 40003 }));
      one.detach();
      expect(() => one.attach()).not.toThrow();
    });

    it('is disconnected with 80019 when no token comes in time, and asks again after the wait', async () => {
      const { changes, clock, connection, reports } = harness();
      connection.connect();
      await clock.advance(10_000);
      expect(changes).toEqual(['connecting', 'disconnected 80019 in 15000']);
      await clock.advance(15_000);
      expect(reports.filter((report) => report === 'token.needed')).toHaveLength(2);
    });

    it('tries again after a server that says nothing, ever more slowly, at most twice the time', async () => {
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

    it('spreads its tries by up to a fifth', async () => {
      const { changes, clock, push, server } = bound(harness({ random: () => 0.5 }));
      server.onOpen = 'break';
      push('connection.open', 'token-1');
      await clock.advance(0);
      expect(changes).toEqual(['connecting', 'disconnected 80003 in 13500']);
    });

    it('is suspended when the server has forgotten the connection, to the moment, and tries on slowly', async () => {
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

    it('fails with the error of a server that says no for good', async () => {
      const { changes, clock, connection, push, server } = bound(harness());
      server.onOpen = wireError(40101);
      const outcome = push('connection.open', 'token-1');
      await clock.advance(3_600_000);
      expect(outcome.result).toMatchObject({ code: 40101, statusCode: 401 });
      expect(connection.errorReason).toMatchObject({ code: 40101 });
      expect(changes).toEqual(['connecting', 'failed 40101']);
      expect(server.lines).toHaveLength(1);
    });

    it('asks for a new token from the start after it failed', async () => {
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

    it('reports a refused token, connects with the next at once, and waits after a second refusal', async () => {
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

    it('tells when its resumption failed, and goes on anew', async () => {
      const { changes, clock, connection, server } = await connected();
      server.resumes = false;
      server.line.break();
      await clock.advance(0);
      expect(changes.at(-1)).toBe('connected 80018');
      expect([connection.id, connection.errorReason?.code]).toEqual(['connection-2', 80018]);
    });

    it('says all that its address has to say', async () => {
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
    ])('goes with %j to %s, without echo or clientId', async (options, origin) => {
      const one = harness({ ...options, clientId: null });
      await one.connected();
      const { host, protocol, searchParams } = one.server.line.url;
      expect(`${protocol}//${host}`).toBe(origin);
      expect([searchParams.has('clientId'), searchParams.has('echo')]).toEqual([false, false]);
    });
  });

  describe('connected', () => {
    it('comes back at once after its transport broke, as the same connection', async () => {
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

    it('is not hammered by a server that drops it as soon as it is there', async () => {
      const { changes, clock, server } = await connected();
      const waits = [0, 950, 950, 1_950, 3_950, 7_950, 14_950, 14_950];
      for (const ms of waits) {
        await clock.advance(50);
        server.line.break();
        expect(changes.at(-1)).toBe(`disconnected 80003 in ${ms}`);
        await clock.advance(ms);
        expect(server.live).toHaveLength(1);
      }
      // One that lasts ends the row.
      await clock.advance(2_000);
      server.line.break();
      expect(changes.at(-1)).toBe('disconnected 80003 in 0');
    });

    it('is taken up at once again as long as its connections last', async () => {
      const { changes, clock, server } = await connected();
      for (let time = 0; time < 20; time += 1) {
        await clock.advance(2_000);
        server.line.break();
        await clock.advance(0);
        expect(changes.at(-1)).toBe('connected');
      }
    });

    it('comes back with the same token when the server disconnects it for another reason', async () => {
      const { clock, connection, reports, server } = await connected();
      server.line.send({ action: 6, error: wireError(80003, 400) });
      await clock.advance(0);
      expect([connection.state, server.tokens]).toEqual(['connected', ['token-1', 'token-1']]);
      expect(reports.join()).not.toContain('token');
    });

    it('gets another token when its own died, without a wait, and resumes', async () => {
      const { changes, clock, connection, push, reports, server } = bound(await connected());
      server.line.send({ action: 6, error: tokenExpired });
      await clock.advance(0);
      expect([connection.state, reports]).toEqual([
        'connecting',
        ['token.refused 40142', 'connecting 40142'],
      ]);
      expect(server.live).toEqual([]);
      push('connection.open', 'token-2');
      await clock.advance(0);
      expect(changes).toEqual(['connecting 40142', 'connected']);
      expect([connection.id, server.line.token, server.line.resume]).toEqual([
        'connection-1',
        'token-2',
        'key-1',
      ]);
    });

    it('passes on that the server asks for a token', async () => {
      const { connection, reports, server } = await connected();
      server.line.send({ action: 17 });
      expect([connection.state, reports]).toEqual(['connected', ['token.asked']]);
    });

    it.each([
      ['without a channel', {}],
      ['with a channel that is null', { channel: null }],
      ['with a channel that is empty', { channel: '' }],
    ])('fails on an ERROR %s', async (_title, more) => {
      const { connection, server } = await connected();
      server.line.send({ action: 9, error: wireError(50000), ...more });
      expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 50000]);
      expect([connection.id, connection.key]).toEqual([null, null]);
    });

    it('passes on what is not its own business, and no more', async () => {
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

    it('bears frames that are none', async () => {
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

    it('connects where CONNECTED tells nothing, and cannot resume then', async () => {
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

    it('sends messages while it is connected', async () => {
      const { connection, server } = await connected();
      connection.send({ action: 10, channel: 'chat' });
      expect(server.line.received).toEqual([{ action: 10, channel: 'chat' }]);
      server.line.break();
      expect(() => connection.send({ action: 10 })).toThrow(expect.objectContaining({ code: 80003 }));
    });

    it('takes a transport for lost that was silent for longer than the server said, plus its own patience', async () => {
      const { changes, clock, server } = await connected();
      await clock.advance(20_000);
      server.line.send({ action: 0 });
      await clock.advance(24_999);
      expect(changes).toEqual([]);
      await clock.advance(1);
      expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
    });

    it('keeps a silent transport where the server said nothing about silence', async () => {
      const one = harness();
      one.server.details = {};
      await one.connected();
      await one.clock.advance(3_600_000);
      expect(one.changes).toEqual([]);
    });

    it('tells an update with its error, and keeps its id', async () => {
      const { changes, connection, server } = await connected();
      server.sayConnected(server.line, { connectionId: 'another', error: wireError(40160) });
      expect(changes).toEqual(['update 40160']);
      expect([connection.id, connection.key, connection.errorReason]).toEqual([
        'connection-1',
        'key-2',
        null,
      ]);
    });

    it('goes by the time the server keeps it, once it knows', async () => {
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
    it('says goodbye, and is closed when the server has said so too', async () => {
      const { changes, clock, connection, server } = await connected();
      connection.close();
      expect([connection.state, connection.id, connection.key]).toEqual(['closing', null, null]);
      await clock.advance(0);
      expect(server.line.received).toEqual([{ action: 7 }]);
      expect(changes).toEqual(['closing', 'closed']);
    });

    it('is closed all the same when the server does not answer in time', async () => {
      const { clock, connection, server } = await connected();
      server.onClose = 'silence';
      connection.close();
      await clock.advance(9_999);
      expect(connection.state).toBe('closing');
      await clock.advance(1);
      expect(connection.state).toBe('closed');
    });

    it('says goodbye to a server that answers only then', async () => {
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

    it('is closed by a server that refuses it, or breaks the transport, meanwhile', async () => {
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

    it.each(['initialized', 'awaiting', 'disconnected'] as const)('closes at once when %s', async (from) => {
      const { clock, connection, push, server } = bound(harness());
      server.onOpen = 'break';
      if (from === 'awaiting') connection.connect();
      if (from === 'disconnected') push('connection.open', 'token-1');
      await clock.advance(0);
      connection.close();
      await clock.advance(3_600_000);
      expect(connection.state).toBe('closed');
      expect(server.lines.length).toBe(from === 'disconnected' ? 1 : 0);
    });

    it('connects anew after it was closed, with the token it has', async () => {
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

    it('connects anew while it is closing, and the old transport has no say in it', async () => {
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

  describe('its listeners', () => {
    it('are told what was before, what is now, and why', async () => {
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

    it('may close the connection, and stop to listen, while they are told', async () => {
      const { clock, connection, server } = await connected();
      const stop = connection.onStateChange(({ current }) => {
        stop();
        if (current === 'disconnected') connection.close();
      });
      server.line.break();
      await clock.advance(0);
      expect([connection.state, server.live]).toEqual(['closed', []]);
    });

    it('hear of the next change, when they came during one', async () => {
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

    it('hear nothing, and nothing is left, once it is disposed of', async () => {
      const { changes, clock, connection, push, reports, server } = bound(await connected());
      server.onAuth = 'silence';
      const outcome = push('connection.upgrade', 'token-2');
      const { line } = server;
      connection.dispose();
      expect([connection.state, connection.id, connection.key]).toEqual(['closed', null, null]);
      // The last word, for its Auth: no token needs to be got for it any more.
      expect(reports.splice(0)).toEqual(['closed']);
      line.sendText('{"action":4}');
      connection.connect();
      await clock.advance(3_600_000);
      expect(outcome.result).toMatchObject({ code: 80017 });
      expect(push('connection.open', 'token-3').result).toBeUndefined();
      expect([changes, reports, clock.pending, line.isOver]).toEqual([[], [], 0, true]);
    });

    it('hear nothing of an Auth that detached before its microtask', async () => {
      const { clock, connection, detach, reports } = harness({ autoConnect: true });
      detach();
      await clock.advance(0);
      expect([connection.state, reports]).toEqual(['initialized', []]);
    });
  });
});

/** With methods that can be taken apart from their object. */
function bound(one: ConnectionHarness) {
  const { changes, clock, connection, reports, server } = one;
  return { changes, clock, connection, reports, server, push: one.push.bind(one) };
}
