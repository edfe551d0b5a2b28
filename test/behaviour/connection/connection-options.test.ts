import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { ScriptedServer, tokenExpired } from '../../kit/connection-server.js';

const SECRET = 'xVLyHw.a-token_that-nobody/may+see=';

describe('options of a realtime connection', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['options that are none', null, 40003, /options is null/],
    ['an option it does not know', { endpont: 'x' }, 40003, /"endpont"/],
    [
      'a timeout that is not a whole number',
      { realtimeRequestTimeout: 1.5 },
      40003,
      /realtimeRequestTimeout/,
    ],
    ['a retry time below one', { disconnectedRetryTimeout: 0 }, 40003, /disconnectedRetryTimeout/],
    ['a retry time that is text', { suspendedRetryTimeout: '1' }, 40003, /suspendedRetryTimeout is a string/],
    ['a time to live without end', { connectionStateTtl: Infinity }, 40003, /connectionStateTtl is Infinity/],
    ['a port that is none', { port: 70_000 }, 40003, /port is 70000/],
    ['a flag that is none', { tls: 'no' }, 40003, /tls/],
    ['an endpoint with a scheme', { endpoint: 'https://example.com' }, 40003, /endpoint/],
    ['an endpoint that cannot be an address', { endpoint: 'a:b:c.d' }, 40003, /endpoint/],
    ['an endpoint beside its former name', { endpoint: 'a', realtimeHost: 'b.c' }, 40003, /combined/],
    ['a clientId for anybody', { clientId: '*' }, 40012, /clientId/],
    ['an agent that is no text', { agent: 1 }, 40003, /agent/],
    ['a key that is none', { key: 'secret' }, 40005, /malformed/],
    ['a key without TLS', { key: 'app.id:secret', tls: false }, 40103, /TLS/],
    ['fallback hosts that are no list', { fallbackHosts: 'a.example.com' }, 40003, /fallbackHosts/],
    ['a fallback host that is none', { fallbackHosts: ['https://a.example.com'] }, 40003, /fallbackHosts/],
    ['a connectivityCheckUrl that is none', { connectivityCheckUrl: '/up' }, 40003, /connectivityCheckUrl/],
    ['a fetch that is none', { fetch: 'fetch' }, 40003, /fetch/],
    ['transportParams that are none', { transportParams: 'a=b' }, 40003, /transportParams/],
    ['a WebSocket that is none', { WebSocket: {} }, 40003, /WebSocket/],
    ['a keepAlive that is none', { keepAlive: 1 }, 40003, /keepAlive/],
    ['a random that is none', { random: 0.5 }, 40003, /random/],
  ])('the constructor refuses %s', (_title, options, code, message) => {
    expect(() => new RealtimeConnection(options as RealtimeConnectionOptions)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('the error names the option that was meant', () => {
    const options = { endpont: 'x' } as RealtimeConnectionOptions;
    expect(() => new RealtimeConnection(options)).toThrow(
      expect.objectContaining({ remediation: expect.stringContaining('"endpoint"') }),
    );
  });

  it('the error says where a token belongs, without the token', () => {
    const options = { token: 'app.id.secret' } as RealtimeConnectionOptions;
    expect(() => new RealtimeConnection(options)).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('secret'),
        remediation: expect.stringContaining('new Auth('),
      }),
    );
  });

  it('the constructor copies the options: later changes have no effect', async () => {
    const transportParams: Record<string, string> = { a: '1' };
    const options = { endpoint: 'example.com', transportParams };
    const one = new ConnectionHarness(options);
    transportParams.a = '2';
    options.endpoint = 'example.org';
    await one.connected();
    const { host, searchParams } = one.server.line.url;
    expect([host, searchParams.get('a')]).toEqual(['example.com', '1']);
    one.connection.dispose();
  });

  it('the connection uses the platform’s WebSocket, which must exist', () => {
    const connection = new RealtimeConnection();
    expect(connection.state).toBe('initialized');
    connection.dispose();
  });
});

describe('what a realtime connection shows', () => {
  it('no secret is in its snapshot, its inspection, its reports or its text', async () => {
    const shown: string[] = [];
    const show = (...all: unknown[]) => {
      for (const each of all) shown.push(inspect(each, { depth: 5 }), String(JSON.stringify(each)));
    };
    const one = new ConnectionHarness({ inspect: (event) => show(...partsOf(event)) });
    one.connection.onStateChange((change) => show(change));
    one.server.details = { connectionKey: SECRET };
    await one.connected(SECRET);
    one.push('connection.upgrade', `${SECRET}2`);
    await one.clock.advance(0);
    one.server.line.send({ action: 6, error: { ...tokenExpired, message: `token ${SECRET} expired` } });
    await one.clock.advance(0);
    show(one.connection, one.reports, one.connection.errorReason, one.connection.actor.getSnapshot().context);
    const text = shown.join('\n');
    expect(shown.length).toBeGreaterThan(100);
    expect(text).toContain('40142');
    expect(text).toContain('[connectionKey]');
    expect(text).not.toContain(SECRET);
    one.connection.dispose();
  });

  it('no secret is shown even if the platform puts the address into its error', async () => {
    class Talkative {
      constructor(url: string) {
        throw new SyntaxError(`Invalid URL: ${url}`);
      }
    }
    const one = new ConnectionHarness({ WebSocket: Talkative as never });
    one.push('connection.open', 'short');
    await one.clock.advance(0);
    expect(one.changes).toEqual(['connecting', 'disconnected 80003 in 15000']);
    expect(one.connection.errorReason?.message).toContain('SyntaxError');
    expect(inspect(one.connection.errorReason)).not.toContain('short');
    one.connection.dispose();
  });

  it('the reason of a broken transport has the platform’s text, unless that is the address', async () => {
    for (const [said, told] of [
      ['connect ECONNREFUSED 127.0.0.1:9', /failed: connect ECONNREFUSED 127.0.0.1:9$/],
      ['cannot reach wss://x/?accessToken=short', /failed$/],
    ] as const) {
      const server = new ScriptedServer();
      const one = new ConnectionHarness({ WebSocket: server.WebSocket });
      server.onOpen = 'silence';
      one.push('connection.open', 'short');
      await one.clock.advance(0);
      server.line.fail(said);
      expect(one.connection.errorReason?.message).toMatch(told);
      one.connection.dispose();
    }
  });

  it('a throwing inspector or listener does not affect the connection, and is logged', async () => {
    const logHandler = vi.fn();
    const one = new ConnectionHarness({
      logHandler,
      inspect: () => {
        throw new Error('inspector');
      },
    });
    const heard: string[] = [];
    one.connection.onStateChange(() => {
      throw new Error('listener');
    });
    one.connection.onStateChange(({ current }) => heard.push(current));
    await one.connected();
    expect([one.connection.state, heard]).toEqual(['connected', ['connecting', 'connected']]);
    const fault = (text: RegExp) => [expect.stringMatching(text), 'error'];
    expect(logHandler.mock.calls).toEqual([
      fault(/inspector failed: Error: inspector/),
      fault(/listener of .* failed: Error: listener/),
      fault(/listener of .* failed: Error: listener/),
    ]);
    one.connection.dispose();
  });
});

/** The parts of an event that an inspector sends on: the event and the snapshot. */
function partsOf(inspected: InspectionEvent): unknown[] {
  const { type } = inspected;
  const event = 'event' in inspected ? inspected.event : undefined;
  const snapshot = 'snapshot' in inspected ? inspected.snapshot : undefined;
  const parts = (snapshot ?? {}) as { context?: unknown; value?: unknown; input?: unknown };
  return [type, event, parts.context, parts.value, parts.input];
}
