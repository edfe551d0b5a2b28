import { describe, expect, vi } from 'vitest';
import { utsCase } from '../case.js';
import { Channel } from './channel.js';
import { HOUR, jwtCallback, realm } from './sandboxed.js';

describe('realtime/integration/auth.md', () => {
  utsCase(
    'realtime/integration/RTC8a/in-band-reauth-connected-0',
    'authorize() re-authenticates a live connection, which stays the same',
    async () => {
      const one = realm();
      const authCallback = jwtCallback(one);
      const { auth, changes, connect, connection, states } = one.newClient({ authCallback });
      await connect();
      const { id } = connection;
      changes.length = 0;
      await one.clock.advance(1_000);
      const authorized = auth.authorize();
      await one.clock.advance(0);
      expect((await authorized).token).toMatch(/./);
      expect([connection.id, states(), connection.state]).toEqual([id, [], 'connected']);
      expect(one.sandbox.connections).toMatchObject([{ connectionId: id, isConnected: true }]);
    },
  );

  utsCase(
    'realtime/integration/RTC8c/authorize-initiates-connection-0',
    'authorize() opens a connection that was never opened',
    async () => {
      const one = realm();
      const { auth, connection } = one.newClient({ authCallback: jwtCallback(one) });
      expect(connection.state).toBe('initialized');
      const authorized = auth.authorize();
      await one.clock.advance(0);
      await authorized;
      expect([connection.state, connection.id]).toEqual(['connected', expect.any(String)]);
    },
  );

  utsCase('realtime/integration/RSA8/token-auth-connect-0', 'connects with a JWT', async () => {
    const one = realm();
    const { connect, connection } = one.newClient({ authCallback: jwtCallback(one) });
    await connect();
    expect([connection.state, connection.errorReason]).toEqual(['connected', null]);
    expect(connection.id).toMatch(/./);
  });

  utsCase(
    'realtime/integration/RSA7/matching-clientid-succeeds-0',
    'connects where client and token name the same',
    async () => {
      const one = realm();
      const authCallback = jwtCallback(one, { clientId: 'test-client' });
      const { auth, connect, connection } = one.newClient({ authCallback, clientId: 'test-client' });
      await connect();
      expect([connection.state, auth.clientId]).toEqual(['connected', 'test-client']);
      expect(one.sandbox.connections).toMatchObject([{ clientId: 'test-client' }]);
    },
  );

  utsCase(
    'realtime/integration/RSA7/mismatched-clientid-fails-1',
    'fails with 40102 where they do not',
    async () => {
      const one = realm();
      const authCallback = jwtCallback(one, { clientId: 'token-client-id' });
      const { connect, connection } = one.newClient({ authCallback, clientId: 'wrong-client-id' });
      await connect();
      expect(connection.state).toBe('failed');
      expect(connection.errorReason).toMatchObject({ code: 40102 });
    },
  );
});

describe('realtime/integration/auth/token_renewal_test.md', () => {
  utsCase(
    'realtime/integration/RSA4b/token-renewal-on-expiry-0',
    'gets the next token when the server says that the first expired, and connects with it',
    async () => {
      const one = realm();
      const authCallback = jwtCallback(one, { firstTtl: 5_000 });
      // The server decides, not the client's clock: the client does not renew ahead of time.
      const { connect, connection, states } = one.newClient({ authCallback, renewal: 'server' });
      await connect();
      expect([connection.state, authCallback.mock.calls.length]).toEqual(['connected', 1]);
      await one.clock.advance(6_000);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(states()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
    },
  );
});

describe('realtime/integration/auth/token_request_test.md', () => {
  utsCase(
    'realtime/integration/RSA9a/token-request-server-accepted-0',
    'connects with what was exchanged for a TokenRequest',
    async () => {
      const one = realm();
      const creator = one.newAuth({ key: one.keyStr });
      const authCallback = () => creator.createTokenRequest();
      const { connect, connection } = one.newClient({ authCallback });
      await connect();
      expect([connection.state, connection.errorReason]).toEqual(['connected', null]);
      expect(connection.id).toMatch(/./);
    },
  );

  utsCase(
    'realtime/integration/RSA9/token-request-with-clientid-0',
    'is the client that the TokenRequest names',
    async () => {
      const one = realm();
      const creator = one.newAuth({ key: one.keyStr });
      const clientId = 'token-request-client';
      const authCallback = () => creator.createTokenRequest({ clientId });
      const { auth, connect, connection } = one.newClient({ authCallback, clientId });
      await connect();
      expect([connection.state, auth.clientId]).toEqual(['connected', clientId]);
    },
  );
});

describe('realtime/integration/connection/connection_failures_test.md', () => {
  utsCase('realtime/integration/RTN14a/invalid-key-failed-0', 'fails with a key that is none', async () => {
    const { connect, connection } = realm().newConnection({ key: 'invalid.key:secret' });
    await connect();
    expect(connection.state).toBe('failed');
    expect([40005, 40101]).toContain(connection.errorReason?.code);
    expect([401, 404]).toContain(connection.errorReason?.statusCode);
  });

  utsCase('realtime/integration/RTN14g/revoked-key-failed-0', 'fails with a key of no app', async () => {
    const one = realm();
    const { connect, connection } = one.newConnection({ key: 'nonexistent.keyname:keysecret' });
    await connect();
    expect(connection.state).toBe('failed');
    const { code = 0 } = connection.errorReason ?? {};
    expect(code > 0 && (code < 40140 || code >= 40150)).toBe(true);
    await one.clock.advance(HOUR);
    expect(one.proxy.connects).toHaveLength(1);
  });
});

describe('realtime/integration/channels/channel_attach_test.md', () => {
  utsCase(
    'realtime/integration/RTL14/insufficient-capability-failed-0',
    'is told what its key may not do, and stays connected',
    async () => {
      const one = realm({ capability: { '*': ['subscribe'] } });
      const { connect, connection } = one.newConnection({ key: one.keyStr });
      await connect();
      const channel = new Channel({ clock: one.clock, connection }, 'publish-not-allowed');
      const attached = channel.attach();
      await one.clock.advance(0);
      await attached;
      expect(channel.state).toBe('attached');
      const refused = vi.fn();
      channel.publish('test').catch(refused);
      await one.clock.advance(0);
      expect(refused).toHaveBeenCalledWith(expect.objectContaining({ code: 40160, statusCode: 401 }));
      expect([connection.state, connection.errorReason]).toEqual(['connected', null]);
    },
  );
});
