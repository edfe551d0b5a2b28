import { describe, expect, vi } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { ATTACHED, Channel, ERROR } from './channel.js';
import { AUTH, ablyError } from './mocked.js';
import { replacingOnce } from './proxy.js';
import { jwtCallback, realm } from './sandboxed.js';

const CONNECTED = 4;
const DISCONNECTED = 6;

describe('realtime/integration/proxy/auth_reauth.md', () => {
  utsCase(
    'realtime/proxy/RTN22/server-initiated-reauth-0',
    'answers an AUTH of the server with one of its own, and stays connected',
    async () => {
      const one = realm();
      const authCallback = jwtCallback(one);
      const { changes, connect, connection, states } = one.newClient({ authCallback });
      await connect();
      const { id } = connection;
      changes.length = 0;
      await one.clock.advance(1_000);
      one.proxy.inject({ action: AUTH });
      await one.clock.advance(0);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect([connection.state, connection.id, states()]).toEqual(['connected', id, []]);
      const sent = one.proxy.frames.filter(
        ({ from, message }) => from === 'client' && message.action === AUTH,
      );
      expect(sent.map(({ message }) => message.auth)).toEqual([{ accessToken: expect.any(String) }]);
    },
  );
});

describe('realtime/integration/proxy/connection_open_failures.md', () => {
  utsCase('realtime/proxy/RTN14a/fatal-connect-error-0', 'fails on an ERROR for CONNECTED', async () => {
    const one = realm();
    one.proxy.toClient = replacingOnce(CONNECTED, {
      action: ERROR,
      error: ablyError(40005, 400, 'Invalid key'),
    });
    const { connect, connection, states } = one.newConnection({ key: one.keyStr });
    await connect();
    expect(states()).toEqual(['connecting', 'failed']);
    expect(connection.errorReason).toMatchObject({ code: 40005, statusCode: 400 });
    expect([connection.id, connection.key]).toEqual([null, null]);
  });

  utsCase(
    'realtime/proxy/RTN14b/token-error-renew-reconnect-0',
    'connects with the next token when the first is refused',
    async () => {
      const one = realm();
      one.proxy.toClient = replacingOnce(CONNECTED, {
        action: ERROR,
        error: ablyError(40142, 401, 'Token expired'),
      });
      const issuer = one.newAuth({ key: one.keyStr });
      const authCallback = vi.fn(() => issuer.requestToken());
      const { connect, connection, states } = one.newClient({ authCallback });
      await connect();
      expect(states()).toEqual(['connecting', 'connected']);
      expect([connection.id, connection.key]).toEqual([expect.any(String), expect.any(String)]);
      expect([authCallback.mock.calls.length, one.proxy.connects.length]).toEqual([2, 2]);
      expect(connection.errorReason).toBeNull();
    },
  );

  utsCase(
    'realtime/proxy/RTN14d/retry-after-refused-0',
    'tries again after a refused transport',
    async () => {
      const one = realm();
      one.proxy.refusals = 1;
      const { connect, connection, states } = one.newConnection({
        key: one.keyStr,
        disconnectedRetryTimeout: 2_000,
      });
      await connect();
      await one.clock.advance(2_000);
      expect(states()).toEqual(['connecting', 'disconnected', 'connecting', 'connected']);
      expect([connection.id, connection.key]).toEqual([expect.any(String), expect.any(String)]);
      expect(one.proxy.connects).toHaveLength(2);
    },
  );

  utsCase(
    'realtime/proxy/RTN14g/server-error-causes-failed-0',
    'fails on an ERROR of the server’s own, too',
    async () => {
      const one = realm();
      const error = ablyError(50000, 500, 'Internal server error');
      one.proxy.toClient = replacingOnce(CONNECTED, { action: ERROR, error });
      const { connect, connection, states } = one.newConnection({ key: one.keyStr });
      await connect();
      expect(states()).toEqual(['connecting', 'failed']);
      expect(connection.errorReason).toMatchObject(error);
      expect([connection.id, connection.key]).toEqual([null, null]);
    },
  );

  utsCase(
    'realtime/proxy/RTN14c/connection-timeout-0',
    'waits for CONNECTED no longer than it may',
    async () => {
      const one = realm();
      one.proxy.toClient = ({ action }) => (action === CONNECTED ? 'suppress' : 'pass');
      const { connect, connection, states } = one.newConnection({
        key: one.keyStr,
        realtimeRequestTimeout: 3_000,
      });
      await connect();
      await one.clock.advance(3_000);
      expect(states()).toEqual(['connecting', 'disconnected']);
      expect(connection.errorReason?.message).toContain('timeout');
      expect([connection.id, connection.key]).toEqual([null, null]);
    },
  );
});

describe('realtime/integration/proxy/connection_resume.md', () => {
  utsCase(
    'realtime/proxy/RTN15h1/token-error-nonrenewable-failed-0',
    'fails with 40171 when its token died and there is no other',
    async () => {
      const one = realm();
      const { token } = await one.newAuth({ key: one.keyStr }).requestToken();
      const { connect, connection } = one.newClient({ token });
      await connect();
      expect(connection.state).toBe('connected');
      await one.clock.advance(1_000);
      one.proxy.injectAndClose({ action: DISCONNECTED, error: ablyError(40142, 401, 'Token expired') });
      await one.clock.advance(0);
      expect(connection.state).toBe('failed');
      expect(connection.errorReason).toMatchObject({ code: 40171, cause: { code: 40142 } });
    },
  );

  utsCase(
    'realtime/proxy/RTN15h3/non-token-error-reconnects-0',
    'comes back at once, as the same, when it is disconnected for anything else',
    async () => {
      const one = realm();
      const { changes, connect, connection, states } = one.newClient({ authCallback: jwtCallback(one) });
      await connect();
      const { id, key } = connection;
      changes.length = 0;
      await one.clock.advance(1_000);
      one.proxy.injectAndClose({ action: DISCONNECTED, error: ablyError(80003, 500) });
      await one.clock.advance(0);
      expect(states()).toEqual(['disconnected', 'connecting', 'connected']);
      expect(one.proxy.connects.map(({ searchParams }) => searchParams.get('resume'))).toEqual([null, key]);
      expect(connection.id).toBe(id);
    },
  );

  utsCase(
    'realtime/proxy/RTN15j/fatal-error-established-conn-0',
    'fails on an ERROR without a channel, its channels with it, and tries no more',
    async () => {
      const one = realm();
      const { changes, connect, connection, states } = one.newClient({ authCallback: jwtCallback(one) });
      await connect();
      const channels = ['a', 'b'].map((name) => new Channel({ clock: one.clock, connection }, name));
      const attached = Promise.all(channels.map((channel) => channel.attach()));
      await one.clock.advance(0);
      await attached;
      changes.length = 0;
      const error = ablyError(50000, 500, 'Internal server error');
      one.proxy.inject({ action: ERROR, error });
      await one.clock.advance(3_600_000);
      expect(states()).toEqual(['failed']);
      expect(connection.errorReason).toMatchObject(error);
      for (const { errorReason, state } of channels) {
        expect([state, errorReason]).toEqual(['failed', expect.objectContaining(error)]);
      }
      expect(one.proxy.connects).toHaveLength(1);
    },
  );
});

describe('realtime/integration/proxy/channel_faults.md', () => {
  const denied = { code: 40160, statusCode: 403, message: 'Not permitted' };

  const attaching = async (one: ReturnType<typeof realm>) => {
    const { changes, connect, connection } = one.newClient({ authCallback: jwtCallback(one) });
    await connect();
    changes.length = 0;
    const channel = new Channel({ clock: one.clock, connection }, 'test');
    const outcome = channel.attach().then(
      () => 'attached',
      (reason: unknown) => reason,
    );
    await one.clock.advance(0);
    return { changes, channel, connection, outcome };
  };

  utsCase(
    'realtime/proxy/RTL14/error-on-attach-0',
    'a channel that may not attach fails, and the connection stays',
    async () => {
      const one = realm();
      one.proxy.toClient = replacingOnce(ATTACHED, { action: ERROR, channel: 'test', error: denied });
      const { changes, channel, connection, outcome } = await attaching(one);
      expect(await outcome).toMatchObject(denied);
      expect(channel.changes.map(({ current }) => current)).toEqual(['attaching', 'failed']);
      expect([connection.state, changes]).toEqual(['connected', []]);
    },
  );

  utsCase(
    'realtime/proxy/RTL14/channel-error-goes-failed-1',
    'a channel that is told so later fails, and the connection stays',
    async () => {
      const one = realm();
      const { changes, channel, connection, outcome } = await attaching(one);
      expect(await outcome).toBe('attached');
      one.proxy.inject({ action: ERROR, channel: 'test', error: denied });
      expect([channel.state, channel.errorReason]).toEqual(['failed', denied]);
      expect([connection.state, connection.errorReason, changes]).toEqual(['connected', null, []]);
    },
  );
});

describe('realtime/integration/proxy/rest_faults.md', () => {
  utsCase(
    'realtime/proxy/RSC10/token-renewal-on-401-0',
    'sends a request again with the next token when the first is refused',
    async () => {
      const one = realm();
      let refusals = 1;
      const http = new MockHttp(() =>
        json({ error: { code: 40142, statusCode: 401, message: 'Token expired' } }, 401),
      );
      const answers: number[] = [];
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const refused = refusals > 0;
        refusals -= 1;
        const response = refused ? await http.fetch(input, init) : await one.sandbox.fetch(input, init);
        answers.push(response.status);
        return response;
      };
      const issuer = one.newAuth({ key: one.keyStr });
      const authCallback = vi.fn(() => issuer.requestToken());
      const auth = one.newAuth({ authCallback, fetch });
      const response = await auth.fetch('/channels/test/messages');
      expect([response.status, answers]).toEqual([200, [401, 200]]);
      expect(authCallback).toHaveBeenCalledTimes(2);
    },
  );
});
