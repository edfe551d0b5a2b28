import { describe, expect } from 'vitest';
import { tokenExpired, wireError } from '../../kit/connection-server.js';
import { contradictedCase, utsCase } from '../case.js';
import { ablyError, connectionWith, counting, mocked } from './mocked.js';

const key = 'appId.keyId:keySecret';

const connected = async (options = {}) => {
  const one = connectionWith({ key, ...options });
  await one.connected();
  return one;
};

describe('a connection that was up', () => {
  contradictedCase(
    'realtime/unit/RTN15h1/token-error-no-renew-0',
    'fails with 40171, and with the server’s 40142 as its cause, when the token died and there is no other (RSA4a2)',
    async () => {
      const one = mocked({ token: 'some_token_string' });
      await one.connected();
      one.server.line.send({ action: 6, error: tokenExpired });
      one.server.line.break();
      await one.clock.advance(0);
      expect(one.states()).toEqual(['disconnected', 'failed']);
      expect(one.connection.errorReason).toMatchObject({
        code: 40171,
        statusCode: 401,
        cause: { code: 40142, statusCode: 401 },
      });
    },
  );

  utsCase(
    'realtime/unit/RTN15h2/token-error-renew-success-0',
    'comes back as the same with another token, when its own died',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      await one.connected();
      const { id, key: before } = one.connection;
      one.server.line.send({ action: 6, error: tokenExpired });
      one.server.line.break();
      expect(one.connection.state).toBe('disconnected');
      await one.clock.advance(0);
      expect(one.states()).toEqual(['disconnected', 'connecting', 'connected']);
      expect([one.connection.state, one.connection.id]).toEqual(['connected', id]);
      expect(one.connection.key).not.toBe(before);
      expect(one.server.line.resume).toBe(before);
      expect(authCallback).toHaveBeenCalledTimes(2);
    },
  );

  utsCase(
    'realtime/unit/RTN15h2/token-error-renew-fails-1',
    'is disconnected with the reason when its token died and no other can be had',
    async () => {
      const one = mocked({ authCallback: counting({ 2: ablyError(40101, 401, 'Invalid credentials') }) });
      await one.connected();
      one.server.line.send({ action: 6, error: tokenExpired });
      await one.clock.advance(0);
      expect(one.states()).toEqual(['disconnected', 'connecting', 'disconnected']);
      expect(one.connection.errorReason).toMatchObject({ code: 80019, cause: { code: 40101 } });
    },
  );

  utsCase(
    'realtime/unit/RTN15h3/non-token-error-resume-0',
    'comes back at once when the server disconnects it for anything else',
    async () => {
      const { clock, connection, server } = await connected();
      const { id, key: before } = connection;
      server.line.send({ action: 6, error: wireError(80003, 503) });
      server.line.break();
      await clock.advance(0);
      expect([connection.state, connection.id, server.lines.length]).toEqual(['connected', id, 2]);
      expect(server.line.resume).toBe(before);
    },
  );

  utsCase(
    'realtime/unit/RTN15j/error-empty-channel-failed-0',
    'fails on an ERROR that names no channel',
    async () => {
      const { connection, server } = await connected();
      server.line.send({ action: 9, channel: null, error: wireError(50000, 500) });
      server.line.break();
      expect(connection.state).toBe('failed');
      expect(connection.errorReason).toMatchObject({ code: 50000, statusCode: 500 });
    },
  );

  utsCase(
    'realtime/unit/RTN15a/unexpected-transport-disconnect-0',
    'comes back at once when its transport breaks without a word',
    async () => {
      const { clock, connection, server, states } = await connected();
      const { id } = connection;
      server.line.break();
      await clock.advance(0);
      expect(states()).toEqual(['disconnected', 'connecting', 'connected']);
      expect([connection.id, server.lines.length]).toEqual([id, 2]);
    },
  );

  utsCase('realtime/unit/RTN15b/successful-resume-0', 'resumes by its key, and gets another', async () => {
    const { clock, connection, server } = await connected();
    expect([connection.id, connection.key]).toEqual(['connection-1', 'key-1']);
    server.line.break();
    await clock.advance(0);
    expect([connection.id, connection.key, server.line.resume]).toEqual(['connection-1', 'key-2', 'key-1']);
    expect(server.lines).toHaveLength(2);
  });

  utsCase(
    'realtime/unit/RTN15c7/failed-resume-new-id-0',
    'goes on as another when it cannot be resumed, with the reason',
    async () => {
      const { clock, connection, server } = await connected();
      server.onOpen = 'silence';
      server.line.break();
      await clock.advance(0);
      server.resumes = false;
      server.sayConnected(server.line, { error: wireError(80008, 400) });
      expect([connection.state, connection.id, connection.key]).toEqual([
        'connected',
        'connection-2',
        'key-2',
      ]);
      expect(connection.errorReason).toMatchObject({ code: 80008 });
    },
  );

  contradictedCase(
    'realtime/unit/RTN15g/state-cleared-after-ttl-0',
    'tries to resume however long it was away: the server knows what it has forgotten (RTN14h replaced RTN15g)',
    async () => {
      const {
        clock,
        connection,
        connected: connect,
        server,
        states,
      } = connectionWith({
        key,
        disconnectedRetryTimeout: 1_000,
        suspendedRetryTimeout: 2_000,
      });
      server.details = { maxIdleInterval: 15_000, connectionStateTtl: 5_000 };
      await connect();
      server.onOpen = 'break';
      server.resumes = false;
      server.line.break();
      await clock.advance(6_000);
      expect(connection.state).toBe('suspended');
      server.onOpen = 'accept';
      await clock.advance(2_500);
      expect(states().slice(-3)).toEqual(['suspended', 'connecting', 'connected']);
      expect([connection.id, server.line.resume]).toEqual(['connection-2', 'key-1']);
    },
  );

  utsCase(
    'realtime/unit/RTN15c5/token-error-during-resume-0',
    'is resumed with another token when its own is refused on the way back',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      await one.connected();
      one.server.onOpen = (token) => (token === 'token-1' ? tokenExpired : 'accept');
      one.server.line.break();
      await one.clock.advance(0);
      expect(one.connection.state).toBe('connected');
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(one.server.lines).toHaveLength(3);
    },
  );

  utsCase(
    'realtime/unit/RTN15c4/fatal-error-during-resume-0',
    'fails when the server says so on the way back, and tries no more',
    async () => {
      const { clock, connection, server } = await connected();
      server.onOpen = wireError(50000, 500);
      server.line.break();
      await clock.advance(3_600_000);
      expect([connection.state, server.lines.length]).toEqual(['failed', 2]);
      expect(connection.errorReason).toMatchObject({ code: 50000 });
    },
  );
});
