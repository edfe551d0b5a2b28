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

  describe('its listeners by name', () => {
    it('hear of one kind of change alone', async () => {
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

    it('hear of it once where they want no more', async () => {
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

    it('are told at once where the connection is in that state, and else when it is', async () => {
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

  describe('its streams', () => {
    it('give the state now and each that follows, until it is disposed of', async () => {
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

    it('give the messages that are not its own business', async () => {
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

  describe('its pings', () => {
    const idOf = (one: ConnectionHarness) => one.server.line.received.at(-1)?.id;

    it('measure how long the server takes, and keep their answers to themselves', async () => {
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

    it('have each an answer of its own', async () => {
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

    it('fail without an answer in time', async () => {
      const one = await harness().connected();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80014 });
      await one.clock.advance(10_000);
      await ping;
    });

    it('wait for a connection that is being made', async () => {
      const one = harness();
      one.connection.connect();
      const ping = one.connection.ping();
      await one.clock.advance(5_000);
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await ping).toBe(0);
    });

    it('wait no longer than for an answer where no connection comes', async () => {
      const one = harness({}, { attached: false });
      one.connection.connect();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80014 });
      await one.clock.advance(9_999);
      expect(one.clock.pending).toBe(1);
      await one.clock.advance(1);
      await ping;
    });

    it('have the whole time for the answer, however long they waited for a connection', async () => {
      const one = harness();
      one.connection.connect();
      const ping = one.connection.ping();
      await one.clock.advance(9_000);
      one.push('connection.open', 'token-1');
      await one.clock.advance(9_000);
      one.server.line.send({ action: 0, id: idOf(one) });
      expect(await ping).toBe(9_000);
    });

    it('fail where there is none and none is being made', async () => {
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

    it('fail when it fails', async () => {
      const one = await harness().connected();
      const ping = expect(one.connection.ping()).rejects.toMatchObject({ code: 80003 });
      one.server.line.send({ action: 9, error: wireError(50000) });
      await ping;
    });
  });

  describe('with a key', () => {
    it('connects by itself, without an Auth, with the key in its address', async () => {
      const { clock, connection, server } = harness(
        { key: 'app.id:secret', autoConnect: true },
        { attached: false },
      );
      expect(connection.state).toBe('initialized');
      await clock.advance(0);
      expect(connection.state).toBe('connected');
      expect([server.line.url.searchParams.get('key'), server.line.token]).toEqual(['app.id:secret', null]);
    });

    it('goes by tokens for good, once it is given one', async () => {
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

    it('fails with the error of a server that does not know it', async () => {
      const { clock, connection, server } = harness({ key: 'app.id:secret' }, { attached: false });
      server.onOpen = wireError(40005, 400);
      connection.connect();
      await clock.advance(0);
      expect([connection.state, connection.errorReason?.code]).toEqual(['failed', 40005]);
      expect(JSON.stringify(connection)).not.toContain('secret');
    });
  });

  describe('and other hosts', () => {
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

    it('goes to another at once when the first cannot be reached but the network is there', async () => {
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

    it('goes to the first again when it comes back', async () => {
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

    it('is disconnected when none can be reached, and tries them all again later', async () => {
      const { one } = setting(true);
      one.server.onOpen = 'break';
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect(one.changes).toEqual(['connecting', 'disconnected 80003 in 15000']);
      await one.clock.advance(15_000);
      expect(hostsOf(one)).toEqual(['primary.example.com', ...hosts, 'primary.example.com', ...hosts]);
    });

    it.each([false, 'hangs'] as const)(
      'tries no other without a network: the look at it is %s',
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
    ])('goes by the status of a DISCONNECTED: %i', async (status, tries) => {
      const { one } = setting(true);
      one.server.onOpen = 'silence';
      one.push('connection.open', 'token-1');
      for (let turn = 0; turn < 3; turn += 1) {
        await one.clock.advance(1);
        one.server.line.send({ action: 6, error: wireError(80003, status) });
      }
      expect(hostsOf(one)).toHaveLength(tries);
    });

    it('is followed there by the requests of its Auth, if that knows the host as well', async () => {
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

    it('has Ably’s own for Ably’s own host, and none for a host by name', async () => {
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

  describe('and the network', () => {
    it('is disconnected at once when it is gone, and tries at once when it is back', async () => {
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

    it('begins an attempt anew when it is back', async () => {
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

    it('is not watched any more once it is disposed of', async () => {
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

  describe('and who it is', () => {
    it('tells the server the name of its Auth', async () => {
      const one = harness({}, { attached: false });
      one.connection.attach(() => {}, { clientId: 'ada' });
      await one.clock.advance(0);
      await one.connected();
      expect(one.server.line.url.searchParams.get('clientId')).toBe('ada');
    });

    it('serves no Auth of another name', () => {
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
    ])('is taken for %s by the server: %s', async (clientId, state, code) => {
      const one = harness({ clientId: 'ada' });
      one.server.details = { clientId };
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      expect([one.connection.state, one.connection.errorReason?.code]).toEqual([state, code]);
      expect(outcome.result).toEqual(code === undefined ? 'accepted' : expect.objectContaining({ code }));
    });
  });

  describe('and frames of bad make', () => {
    it('drops a transport with a frame longer than any message, and resumes', async () => {
      const one = await harness().connected();
      one.server.line.sendText(' '.repeat(16 * 1_048_576 + 1));
      await one.clock.advance(0);
      expect(one.changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
      expect(one.connection.id).toBe('connection-1');
    });
  });

  it('needs no options', () => {
    const connection = new RealtimeConnection();
    expect(connection.fallbackHost).toBeNull();
    connection.dispose();
  });
});

/** Methods that can be taken apart from their object. */
function bound(harness: ConnectionHarness) {
  const { changes, clock, connection, server } = harness;
  return { changes, clock, connection, server, push: harness.push.bind(harness) };
}
