import { afterEach, describe, expect, it } from 'vitest';
import {
  type ConnectionState,
  RealtimeConnection,
  type RealtimeConnectionOptions,
} from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { Scenario } from '../../../src/testing/scenario.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { wireError } from '../../kit/connection-server.js';

describe('a realtime connection', () => {
  let all: ConnectionHarness[] = [];

  const harness = (options: RealtimeConnectionOptions = {}, setting = {}) => {
    const made = new ConnectionHarness(options, setting);
    all.push(made);
    return made;
  };

  afterEach(() => {
    for (const { clock, connection } of all) {
      connection.dispose();
      expect(clock.pending, 'timers that are left').toBe(0);
    }
    all = [];
  });

  describe('the listeners of a realtime connection', () => {
    it('a listener of one state receives only that state', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: unknown[] = [];
      const stop = connection.on('disconnected', ({ reason }) => heard.push(reason?.code));
      connection.on('update', ({ event }) => heard.push(event));
      server.line.break();
      await clock.advance(0);
      server.sayConnected();
      expect(heard).toEqual([80003, 'update']);
      stop();
      server.line.break();
      await clock.advance(1_000);
      expect(heard).toHaveLength(2);
    });

    it('a listener added with once() is called once', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: string[] = [];
      connection.once('connected', ({ previous }) => heard.push(previous));
      const stop = connection.once('failed', ({ current }) => heard.push(current));
      stop();
      for (let turn = 0; turn < 3; turn += 1) {
        server.line.break();
        await clock.advance(1_000);
      }
      server.line.send({ action: 9, error: wireError(50000) });
      expect(heard).toEqual(['connecting']);
    });

    it('whenState() calls at once in that state, and otherwise when the connection reaches it', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: unknown[] = [];
      connection.whenState('connected', (change) => heard.push(change));
      connection.whenState('disconnected', (change) => heard.push(change?.current));
      expect(heard).toEqual([null]);
      server.line.break();
      await clock.advance(1_000);
      server.line.break();
      await clock.advance(1_000);
      expect(heard).toEqual([null, 'disconnected']);
    });
  });

  describe("the listeners of a realtime connection, as with Ably's EventEmitter", () => {
    it('a listener without an event receives each change and each update, once for each time it was added', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: string[] = [];
      const listener = ({ event }: { event: string }) => void heard.push(event);
      connection.on(listener);
      const stop = connection.on(listener);
      server.sayConnected();
      stop();
      server.line.break();
      await clock.advance(1_000);
      expect(heard).toEqual(['update', 'update', 'disconnected', 'connecting', 'connected']);
    });

    it('a listener of several events receives those, until one or all of them are removed', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: string[] = [];
      const listener = ({ event }: { event: string }) => void heard.push(event);
      const lose = async () => {
        server.line.break();
        await clock.advance(1_000);
        return heard.splice(0);
      };
      connection.on(['disconnected', 'connected'], listener);
      expect(await lose()).toEqual(['disconnected', 'connected']);
      connection.off('connected', listener);
      connection.off('failed', listener);
      expect(await lose()).toEqual(['disconnected']);
      connection.off(['disconnected', 'connecting'], listener);
      expect(await lose()).toEqual([]);
    });

    it.each(['the listener', 'everything'])('off() removes %s, whatever it was added for', async (what) => {
      const { clock, connection, server } = await harness().connected();
      const heard: string[] = [];
      const listener = ({ event }: { event: string }) => void heard.push(event);
      connection.on(listener);
      connection.once(listener);
      connection.on('disconnected', listener);
      connection.onStateChange(listener);
      connection.on('connecting', () => heard.push('another'));
      if (what === 'everything') connection.off();
      else connection.off(listener);
      server.line.break();
      await clock.advance(1_000);
      expect(heard).toEqual(what === 'everything' ? [] : ['another']);
    });

    it('off() for one event leaves a listener of all events', async () => {
      const { clock, connection, server } = await harness().connected();
      const heard: string[] = [];
      const listener = ({ event }: { event: string }) => void heard.push(event);
      connection.on(listener);
      connection.off('connecting', listener);
      server.line.break();
      await clock.advance(1_000);
      expect(heard).toEqual(['disconnected', 'connecting', 'connected']);
    });

    it('once() without a listener is a promise of the next change, of one kind or of any', async () => {
      const { clock, connection, server } = await harness().connected();
      const waits = [connection.once('connecting'), connection.once()];
      connection.off();
      server.line.break();
      await clock.advance(1_000);
      expect((await Promise.all(waits)).map(({ event }) => event)).toEqual(['connecting', 'disconnected']);
    });

    it('whenState() without a listener is a promise of null in that state, and of the change otherwise', async () => {
      const { clock, connection, server } = await harness().connected();
      expect(await connection.whenState('connected')).toBe(null);
      const later = connection.whenState('disconnected');
      server.line.break();
      await clock.advance(1_000);
      expect(await later).toMatchObject({ previous: 'connected', current: 'disconnected' });
    });

    it('a promise of a change rejects when the connection is disposed of, and afterwards', async () => {
      const { connection } = await harness().connected();
      const over = expect.objectContaining({ code: 80017 });
      const waits = [connection.once('failed'), connection.whenState('suspended')];
      const settled = Promise.allSettled(waits);
      connection.dispose();
      for (const result of await settled) expect(result).toEqual({ status: 'rejected', reason: over });
      await expect(connection.once()).rejects.toEqual(over);
      await expect(connection.whenState('connected')).rejects.toEqual(over);
      expect(await connection.whenState('closed')).toBe(null);
    });
  });

  describe('the streams of a realtime connection', () => {
    it('a stream emits the current state and each later one, until the connection is disposed of', async () => {
      const { clock, connection, push } = bound(harness());
      const states: ConnectionState[] = [];
      let isOver = false;
      connection.state$.subscribe({ next: (state) => states.push(state), complete: () => (isOver = true) });
      push('connection.open', 'token-1');
      await clock.advance(0);
      const later: ConnectionState[] = [];
      connection.state$.subscribe((state) => later.push(state));
      expect([states, later]).toEqual([['initialized', 'connecting', 'connected'], ['connected']]);
      expect(isOver).toBe(false);
      connection.dispose();
      expect(isOver).toBe(true);
      connection.messages$.subscribe({ complete: () => states.push('closed') });
      expect(states.at(-1)).toBe('closed');
    });

    it('messages$ completes for a subscriber from before dispose()', async () => {
      const { connection, server } = await harness().connected();
      const heard: unknown[] = [];
      connection.messages$.subscribe({
        next: (message) => heard.push(message),
        complete: () => heard.push('complete'),
      });
      server.line.send({ action: 15, channel: 'chat' });
      connection.dispose();
      expect(heard).toEqual([{ action: 15, channel: 'chat' }, 'complete']);
    });

    it('messages$ emits the messages that the connection does not handle itself', async () => {
      const { connection, server } = await harness().connected();
      const messages: unknown[] = [];
      const subscription = connection.messages$.subscribe((message) => messages.push(message));
      server.line.send({ action: 15, channel: 'chat' });
      server.line.send({ action: 17 });
      server.line.send({ action: 99 });
      subscription.unsubscribe();
      server.line.send({ action: 15, channel: 'chat' });
      expect(messages).toEqual([{ action: 15, channel: 'chat' }, { action: 99 }]);
    });
  });

  describe('the pings of a realtime connection', () => {
    const idOf = (one: ConnectionHarness) => one.server.line.received.at(-1)?.id;

    it('a ping measures the time of the server’s answer, which no stream emits', async () => {
      const one = await harness().connected();
      const passed: unknown[] = [];
      one.connection.onMessage((message) => passed.push(message));
      const ping = one.connection.ping();
      expect(one.server.line.received).toEqual([{ action: 0, id: expect.stringMatching(/./) }]);
      await one.clock.advance(42);
      one.server.line.send({ action: 0, id: 'another' });
      one.server.line.send({ action: 0 });
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await ping).toBe(42);
      expect(passed).toEqual([{ action: 0, id: 'another' }]);
    });

    it('each ping has its own answer', async () => {
      const one = await harness().connected();
      const first = one.connection.ping();
      const firstId = idOf(one);
      await one.clock.advance(5);
      const second = one.connection.ping();
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await second).toBe(0);
      await one.clock.advance(5);
      one.server.line.send({ action: 0, id: firstId });
      expect(await first).toBe(10);
    });

    it('a ping without an answer fails in time', async () => {
      const one = await harness().connected();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80014 });
      await one.clock.advance(10_000);
      await ping;
    });

    it('a ping waits for a connection that is being made', async () => {
      const one = harness();
      one.connection.connect();
      const ping = one.connection.ping();
      await one.clock.advance(5_000);
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await ping).toBe(0);
    });

    it('a ping without a connection waits no longer than for an answer', async () => {
      const one = harness({}, { attached: false });
      one.connection.connect();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80014 });
      await one.clock.advance(9_999);
      expect(one.clock.pending).toBe(1);
      await one.clock.advance(1);
      await ping;
    });

    it('a ping has its full time for the answer after it waited for a connection', async () => {
      const one = harness();
      one.connection.connect();
      const ping = one.connection.ping();
      await one.clock.advance(9_000);
      one.push('connection.open', 'token-1');
      await one.clock.advance(9_000);
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await ping).toBe(9_000);
    });

    it('a ping fails if there is no connection and none is being made', async () => {
      const one = harness();
      await expect(one.connection.ping()).rejects.toMatchObject({ code: 80003 });
      await one.connected();
      const waits = expect(one.connection.ping()).rejects.toMatchObject({ code: 80017 });
      one.connection.close();
      await waits;
      await expect(one.connection.ping()).rejects.toMatchObject({ code: 80017 });
      one.connection.dispose();
      await expect(one.connection.ping()).rejects.toMatchObject({ code: 80017 });
    });

    it('a ping fails when the connection fails', async () => {
      const one = await harness().connected();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80003 });
      one.server.line.send({ action: 9, error: wireError(50000) });
      await ping;
    });
  });

  describe('a realtime connection with a key', () => {
    it('a connection with a key connects by itself, without an Auth, with the key in its address', async () => {
      const { clock, connection, server } = harness(
        { key: 'app.id:secret', autoConnect: true },
        { attached: false },
      );
      expect(connection.state).toBe('initialized');
      await clock.advance(0);
      expect(connection.state).toBe('connected');
      expect([server.line.url.searchParams.get('key'), server.line.token]).toEqual(['app.id:secret', null]);
    });

    it('a connection with a key uses only tokens after it received one', async () => {
      const { clock, connection, push, server } = bound(harness({ key: 'app.id:secret' }));
      connection.connect();
      await clock.advance(0);
      expect(push('connection.upgrade', 'token-1').result).toBeUndefined();
      await clock.advance(0);
      expect(server.tokens.at(-1)).toBe('token-1');
      server.line.break();
      await clock.advance(0);
      expect([server.line.token, server.line.url.searchParams.has('key')]).toEqual(['token-1', false]);
    });

    it('a connection with an unknown key fails with the server’s error', async () => {
      const { clock, connection, server } = harness({ key: 'app.id:secret' }, { attached: false });
      server.onOpen = wireError(40005, 400);
      connection.connect();
      await clock.advance(0);
      expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 40005]);
      expect(JSON.stringify(connection)).not.toContain('secret');
    });
  });

  describe('a realtime connection with fallback hosts', () => {
    const hosts = ['a.example.com', 'b.example.com'];
    const setting = (isUp: boolean | 'hangs') => {
      const asked: string[] = [];
      const fetch = (async (input: string, { signal }: RequestInit = {}) => {
        asked.push(input);
        if (isUp === 'hangs')
          await new Promise((_resolve, reject) =>
            signal?.addEventListener('abort', () => reject(signal.reason)),
          );
        return new Response(isUp ? 'yes\n' : 'no');
      }) as typeof globalThis.fetch;
      const one = harness({ endpoint: 'primary.example.com', fallbackHosts: hosts, fetch });
      return { asked, one };
    };
    const hostsOf = ({ server }: ConnectionHarness) => server.lines.map(({ url }) => url.hostname);

    it('the connection tries another host at once if the first is unreachable and there is a network', async () => {
      const { asked, one } = setting(true);
      let tries = 0;
      one.server.onOpen = () => (++tries < 3 ? 'break' : 'accept');
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect(hostsOf(one)).toEqual(['primary.example.com', ...hosts]);
      expect(asked).toEqual(['https://internet-up.ably-realtime.com/is-the-internet-up.txt']);
      expect([outcome.result, one.changes]).toEqual(['accepted', ['connecting', 'connected']]);
      expect(one.connection.fallbackHost).toBe('b.example.com');
    });

    it('the connection tries the first host again when it reconnects', async () => {
      const { one } = setting(true);
      let tries = 0;
      one.server.onOpen = () => (++tries < 2 ? 'break' : 'accept');
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect(one.connection.fallbackHost).toBe('a.example.com');
      one.server.line.break();
      await one.clock.advance(0);
      expect(hostsOf(one).at(-1)).toBe('primary.example.com');
      expect(one.connection.fallbackHost).toBeNull();
    });

    it('the connection is disconnected if no host can be reached, and tries all hosts again later', async () => {
      const { one } = setting(true);
      one.server.onOpen = 'break';
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect(one.changes).toEqual(['connecting', 'disconnected 80003 in 15000']);
      await one.clock.advance(15_000);
      expect(hostsOf(one)).toEqual(['primary.example.com', ...hosts, 'primary.example.com', ...hosts]);
    });

    it.each([false, 'hangs'] as const)(
      'the connection tries no other host without a network: the check of the network is %s',
      async (isUp) => {
        const { one } = setting(isUp);
        one.server.onOpen = 'break';
        one.push('connection.open', 'token-1');
        await one.clock.advance(10_000);
        expect(hostsOf(one)).toEqual(['primary.example.com']);
        expect(one.changes).toEqual(['connecting', 'disconnected 80003 in 15000']);
      },
    );

    it.each([
      [503, 3],
      [429, 1],
    ])('the connection decides by the status of a DISCONNECTED: %i', async (status, tries) => {
      const { one } = setting(true);
      one.server.onOpen = 'silence';
      one.push('connection.open', 'token-1');
      for (let turn = 0; turn < 3; turn += 1) {
        await one.clock.advance(1);
        one.server.line.send({ action: 6, error: wireError(80003, status) });
      }
      expect(hostsOf(one)).toHaveLength(tries);
    });

    it('the requests of its Auth use the same fallback host if the Auth has that host too', async () => {
      for (const known of [hosts, ['c.example.com']]) {
        const { one } = setting(true);
        one.detach();
        const asked: string[] = [];
        const fetch = (async (input: string) => {
          asked.push(new URL(input).hostname);
          return Response.json({ token: `token-${asked.length}`, issued: 0, expires: 3_600_000 });
        }) as unknown as typeof globalThis.fetch;
        const { clock, connection, server } = one;
        const auth = new Auth({
          ...{ key: 'app.id:secret', endpoint: 'primary.example.com', fallbackHosts: known },
          ...{ clock, connection, fetch, random: () => 0 },
        });
        let tries = 0;
        server.onOpen = () => (++tries < 2 ? 'break' : 'accept');
        const authorized = auth.authorize();
        await clock.advance(0);
        await authorized;
        expect(connection.fallbackHost).toBe('a.example.com');
        await auth.requestToken();
        expect(asked).toEqual([
          'primary.example.com',
          known === hosts ? 'a.example.com' : 'primary.example.com',
        ]);
        auth.dispose();
      }
    });

    it('Ably’s host has Ably’s fallback hosts, and any other host has none', async () => {
      const asked: string[] = [];
      const fetch = (async () => new Response('yes')) as unknown as typeof globalThis.fetch;
      for (const endpoint of [undefined, 'example.com']) {
        const one = new ConnectionHarness(
          { fetch, ...(endpoint === undefined ? {} : { endpoint }) },
          { hosts: null },
        );
        all.push(one);
        one.server.onOpen = 'break';
        one.push('connection.open', 'token-1');
        await one.clock.advance(0);
        asked.push(String(one.server.lines.length));
      }
      expect(asked).toEqual(['6', '1']);
    });
  });

  describe('a realtime connection and the network state', () => {
    it('the connection is disconnected at once without a network, and tries at once when it is back', async () => {
      const device = new Scenario();
      const one = harness({ environment: device.environment });
      await one.connected();
      one.server.onOpen = 'break';
      device.goOffline();
      await one.clock.advance(0);
      expect(one.changes).toEqual(['disconnected 80003 in 0', 'connecting', 'disconnected 80003 in 15000']);
      one.server.onOpen = 'accept';
      await device.goOnline();
      await one.clock.advance(0);
      expect([one.connection.state, one.connection.id]).toEqual(['connected', 'connection-1']);
    });

    it('the connection restarts an attempt when the network is back', async () => {
      const device = new Scenario();
      const one = harness({ environment: device.environment });
      one.server.onOpen = 'silence';
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(5_000);
      one.server.onOpen = 'accept';
      await device.goOnline();
      await one.clock.advance(0);
      expect([outcome.result, one.changes]).toEqual(['accepted', ['connecting', 'connected']]);
      expect(one.server.lines.map(({ isOver }) => isOver)).toEqual([true, false]);
    });

    it('a disposed connection does not watch the network', async () => {
      let watching = 0;
      const environment = {
        isOnline: () => true,
        watch: () => {
          watching += 1;
          return () => {
            watching -= 1;
          };
        },
      };
      const one = harness({ environment });
      expect(watching).toBe(0);
      await one.connected();
      expect(watching).toBe(1);
      one.connection.dispose();
      expect(watching).toBe(0);
    });
  });

  describe('a realtime connection and its identity', () => {
    it('the connection sends the clientId of its Auth to the server', async () => {
      const one = harness({}, { attached: false });
      one.connection.attach(() => {}, { clientId: 'ada' });
      await one.clock.advance(0);
      await one.connected();
      expect(one.server.line.url.searchParams.get('clientId')).toBe('ada');
    });

    it('the connection refuses an Auth with another clientId', () => {
      const one = harness({ clientId: 'ada' }, { attached: false });
      expect(() => one.connection.attach(() => {}, { clientId: 'bob' })).toThrow(
        expect.objectContaining({ code: 40102 }),
      );
      expect(() => one.connection.attach(() => {}, { clientId: 'ada' })).not.toThrow();
    });

    it.each([
      ['bob', 'failed', 40102],
      ['ada', 'connected', undefined],
      ['*', 'connected', undefined],
      [null, 'connected', undefined],
    ])('the server sees the client as %s: %s', async (clientId, state, code) => {
      const one = harness({ clientId: 'ada' });
      one.server.details = { clientId };
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect([one.connection.state, one.connection.errorReason?.code]).toEqual([state, code]);
      expect(outcome.result).toEqual(code === undefined ? 'accepted' : expect.objectContaining({ code }));
    });
  });

  describe('a realtime connection and unusable frames', () => {
    it('the connection drops a transport with a frame longer than any message, and resumes', async () => {
      const one = await harness().connected();
      one.server.line.sendText(' '.repeat(16 * 1_048_576 + 1));
      await one.clock.advance(0);
      expect(one.changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
      expect(one.connection.id).toBe('connection-1');
    });
  });

  it('a realtime connection needs no options', () => {
    const connection = new RealtimeConnection();
    expect(connection.fallbackHost).toBeNull();
    connection.dispose();
  });
});

/** The harness with methods that work without their object. */
function bound(harness: ConnectionHarness) {
  const { changes, clock, connection, server } = harness;
  return { changes, clock, connection, server, push: harness.push.bind(harness) };
}
