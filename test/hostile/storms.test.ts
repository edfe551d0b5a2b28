import { describe, expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer, wireError } from '../kit/connection-server.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/** Failed tries come at least this far apart on average, after the first ones. */
const LEAST_WAIT_MS = 7 * SECOND;

interface Asked {
  readonly auth: Auth;
  readonly clock: VirtualClock;
  /** The monotonic moments of the requests for a token. */
  readonly at: number[];
}

/** @param options makes the options; `count` notes a request, and returns the time */
function client(options: (count: () => number, clock: VirtualClock) => ClientOptions): Asked {
  const clock = new VirtualClock();
  const at: number[] = [];
  const count = () => {
    at.push(clock.monotonic());
    return clock.now();
  };
  const auth = new Auth({ clock, random: () => 0, logLevel: 'none', ...options(count, clock) });
  onTestFinished(() => auth.dispose());
  return { auth, clock, at };
}

const longestGap = (at: readonly number[], end: number): number =>
  Math.max(...[...at.slice(1), end].map((moment, index) => moment - (at[index] ?? 0)));

describe('the lives of tokens', () => {
  it.each<[life: string, lifeMs: number, leastGapMs: number]>([
    ['minus a second', -SECOND, LEAST_WAIT_MS],
    ['nothing', 0, LEAST_WAIT_MS],
    ['1 ms', 1, LEAST_WAIT_MS],
    ['10 ms', 10, LEAST_WAIT_MS],
    ['100 ms', 100, LEAST_WAIT_MS],
    ['a second', SECOND, 0.5 * SECOND],
    ['five seconds', 5 * SECOND, 2.5 * SECOND],
    ['an hour', HOUR, HOUR / 2],
    ['a century', 100 * YEAR, 50 * YEAR],
    ['more than a Date can express', Number.MAX_SAFE_INTEGER, 50 * YEAR],
  ])('a client whose tokens live %s asks no faster than its plan', async (_life, lifeMs, leastGapMs) => {
    const { auth, clock, at } = client((count) => ({
      authCallback: async () => {
        const issued = count();
        const expires = Math.min(Number.MAX_SAFE_INTEGER, issued + lifeMs);
        return { token: `token-${at.length}`, issued, expires };
      },
    }));
    auth.authorize().catch(() => {});
    await clock.advance(2 * HOUR);
    expect(at.length).toBeGreaterThan(0);
    expect(at.length).toBeLessThanOrEqual(5 + (2 * HOUR) / leastGapMs);
    expect(clock.pending).toBeLessThan(5);
  });
});

describe('Retry-After', () => {
  it.each([
    ...[
      '0',
      '-1',
      '1',
      '1.5',
      '1e9',
      '0x10',
      'NaN',
      'Infinity',
      '',
      ' ',
      'soon',
      '3601',
      '99999999999999999999',
    ],
    ...[
      '9'.repeat(50_000),
      '\u0661\u0662',
      '1, 2',
      'Fri, 31 Dec 9999 23:59:59 GMT',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ],
    ...['Fri, 99 Foo 2026 99:99:99 GMT', 'Friday'],
  ])('a client waits an hour at most, and asks no faster than its plan: %j', async (value) => {
    for (const status of [429, 503]) {
      const headers = new Headers();
      headers.set('date', 'Thu, 01 Jan 1970 00:00:00 GMT');
      const { auth, clock, at } = client((count) => ({
        authUrl: 'https://example.com/token',
        fetch: async () => {
          count();
          const get = (name: string) => (name === 'retry-after' ? value : headers.get(name));
          return Object.defineProperty(new Response('', { status }), 'headers', { value: { get } });
        },
      }));
      auth.authorize().catch(() => {});
      await clock.advance(4 * HOUR);
      expect(longestGap(at, clock.monotonic())).toBeLessThanOrEqual(HOUR);
      expect(at.length).toBeLessThanOrEqual(5 + (4 * HOUR) / LEAST_WAIT_MS);
      auth.dispose();
    }
  });
});

/** A server that does this after each CONNECTED. */
function after(server: ScriptedServer, act: () => void): void {
  const { sayConnected } = server;
  server.sayConnected = (...given) => {
    sayConnected.apply(server, given);
    act();
  };
}

const details = (name: string, value: unknown) => (server: ScriptedServer) => {
  server.details = { ...server.details, [name]: value };
};

const odd: readonly unknown[] = [
  ...[0, -1, 0.001, 1, 1e9, 1e308, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY],
  ...['15000', null, {}, [1]],
];

interface Storm {
  readonly title: string;
  readonly prepare?: (server: ScriptedServer) => void;
  readonly act?: (server: ScriptedServer, clock: VirtualClock) => Promise<void>;
}

const storms: readonly Storm[] = [
  ...odd.map((value) => ({
    title: `a maxIdleInterval of ${JSON.stringify(value)} (${typeof value})`,
    prepare: details('maxIdleInterval', value),
  })),
  ...odd.map((value) => ({
    title: `a connectionStateTtl of ${JSON.stringify(value)} (${typeof value}), and a lost connection`,
    prepare: details('connectionStateTtl', value),
    act: async (server: ScriptedServer) => {
      server.onOpen = 'break';
      server.line.break();
    },
  })),
  {
    title: 'DISCONNECTED after each CONNECTED',
    prepare: (server) => after(server, () => server.line.send({ action: 6, error: wireError(80003, 400) })),
  },
  {
    title: 'DISCONNECTED with a token error after each CONNECTED',
    prepare: (server) => after(server, () => server.line.send({ action: 6, error: wireError(40142, 401) })),
  },
  {
    title: 'a broken transport after each CONNECTED',
    prepare: (server) => after(server, () => server.line.break()),
  },
  {
    title: 'AUTH after each CONNECTED',
    prepare: (server) => after(server, () => server.line.send({ action: 17 })),
  },
  {
    title: 'a token error in answer to each token',
    prepare: (server) => {
      server.onOpen = wireError(40142, 401);
    },
  },
  {
    title: '2,000 AUTH at once',
    act: async ({ line }) => {
      for (let count = 0; count < 2_000; count += 1) line.send({ action: 17 });
    },
  },
  {
    title: '2,000 AUTH, one each second',
    act: async (server, clock) => {
      for (let count = 0; count < 2_000; count += 1) {
        if (server.live.length > 0) server.line.send({ action: 17 });
        await clock.advance(SECOND);
      }
    },
  },
  {
    title: '5,000 CONNECTED at once',
    act: async (server) => {
      for (let count = 0; count < 5_000; count += 1) server.sayConnected();
    },
  },
  {
    title: '5,000 HEARTBEAT with an id, and 5,000 messages, at once',
    act: async ({ line }) => {
      for (let count = 0; count < 5_000; count += 1) {
        line.send({ action: 0, id: `id-${count}` });
        line.send({ action: 15, channel: 'chat', messages: [] });
      }
    },
  },
];

describe('what a server tells a connection', () => {
  it.each(storms)(
    'a client asks and connects no faster than its plan, and comes back: $title',
    async (storm) => {
      const server = new ScriptedServer();
      let connection: RealtimeConnection | undefined;
      const { auth, clock, at } = client((count, ticking) => {
        connection = new RealtimeConnection({
          ...{ random: () => 0, WebSocket: server.WebSocket, fallbackHosts: [], logLevel: 'none' },
          clock: ticking,
        });
        return {
          connection,
          authCallback: async () => {
            const issued = count();
            return { token: `token-${at.length}`, issued, expires: issued + 24 * HOUR };
          },
        };
      });
      onTestFinished(() => connection?.dispose());
      storm.prepare?.(server);
      auth.authorize().catch(() => {});
      await clock.advance(SECOND);
      await storm.act?.(server, clock);
      await clock.advance(HOUR);
      // The first try of each kind comes at once; then one every 7.5 s or more, and 10 s of grace for a silence.
      const most = 20 + (clock.monotonic() + SECOND) / LEAST_WAIT_MS;
      expect(at.length).toBeLessThanOrEqual(most);
      expect(server.lines.length).toBeLessThanOrEqual(most);
      expect(server.tokens.length).toBeLessThanOrEqual(2 * most);
      expect(clock.pending).toBeLessThan(10);
      // Within an hour it is back.
      server.onOpen = 'accept';
      Object.assign(server, { sayConnected: ScriptedServer.prototype.sayConnected });
      server.details = { clientId: 'ada', maxIdleInterval: 2 * HOUR, connectionStateTtl: 120_000 };
      await clock.advance(HOUR + SECOND);
      await auth.authorize().catch(() => {});
      expect(connection?.state).toBe('connected');
    },
  );
});
