import { describe, expect } from 'vitest';
import { tokenExpired } from '../../kit/connection-server.js';
import { utsCase } from '../case.js';
import { ablyError, connectionWith, counting, HOUR, mocked } from './mocked.js';

const key = 'appId.keyId:keySecret';

describe('opening a connection', () => {
  utsCase('realtime/unit/RTN14a/invalid-key-failed-0', 'fails with a key that is none', async () => {
    const { clock, connection, server, states } = connectionWith({ key });
    server.onOpen = { code: 40005, statusCode: 400, message: 'Invalid key' };
    connection.connect();
    expect(connection.state).toBe('connecting');
    await clock.advance(0);
    expect(states()).toEqual(['connecting', 'failed']);
    expect(connection.errorReason).toMatchObject({ code: 40005, statusCode: 400 });
    expect([connection.id, connection.key]).toEqual([null, null]);
  });

  utsCase(
    'realtime/unit/RTN14b/token-error-with-renewal-0',
    'is tried again with another token, when the first is refused',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      one.server.onOpen = (token) => (token === 'token-1' ? tokenExpired : 'accept');
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.states()).toEqual(['connecting', 'connected']);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(one.server.lines).toHaveLength(2);
    },
  );

  utsCase(
    'realtime/unit/RTN14b/token-renewal-fails-1',
    'is given up for now when there is no other token, whatever code the source gives for that',
    async () => {
      const authCallback = counting({ 2: ablyError(40171, 401, 'Unable to renew token') });
      const one = mocked({ authCallback });
      one.server.onOpen = tokenExpired;
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.states()).toEqual(['connecting', 'disconnected']);
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(one.connection.errorReason).toMatchObject({ code: 80019, cause: { code: 40171 } });
    },
  );

  utsCase(
    'realtime/unit/RSA4a/token-error-no-renewal-0',
    'fails with 40171 when the token is refused and cannot be renewed',
    async () => {
      const one = mocked({ token: 'expired_token_string' });
      one.server.onOpen = tokenExpired;
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.states()).toEqual(['connecting', 'failed']);
      expect(one.connection.errorReason).toMatchObject({ code: 40171 });
    },
  );

  utsCase('realtime/unit/RTN14c/connection-timeout-0', 'takes no longer than it may', async () => {
    const { clock, connection, server } = connectionWith({ key, realtimeRequestTimeout: 1_000 });
    server.onOpen = 'silence';
    connection.connect();
    await clock.advance(999);
    expect(connection.state).toBe('connecting');
    await clock.advance(101);
    expect(connection.state).toBe('disconnected');
    expect(connection.errorReason).toMatchObject({
      code: 80014,
      message: expect.stringContaining('timeout'),
    });
  });

  utsCase('realtime/unit/RTN14d/retry-recoverable-failure-0', 'is tried again after a while', async () => {
    const { clock, connection, server } = connectionWith({ key, disconnectedRetryTimeout: 1_000 });
    server.onOpen = 'break';
    connection.connect();
    await clock.advance(0);
    expect(connection.state).toBe('disconnected');
    server.onOpen = 'accept';
    await clock.advance(1_100);
    expect([connection.state, server.lines.length]).toEqual(['connected', 2]);
  });

  utsCase(
    'realtime/unit/RTN14e/disconnected-to-suspended-0',
    'is suspended when the server has forgotten the connection',
    async () => {
      const { clock, connection, server } = connectionWith({
        key,
        disconnectedRetryTimeout: 1_000,
        connectionStateTtl: 5_000,
      });
      server.onOpen = 'break';
      connection.connect();
      await clock.advance(0);
      expect(connection.state).toBe('disconnected');
      await clock.advance(5_100);
      expect(connection.state).toBe('suspended');
      expect(connection.errorReason).toMatchObject({ code: 80003 });
    },
  );

  utsCase(
    'realtime/unit/RTN14f/suspended-retries-indefinitely-0',
    'is tried again and again while it is suspended',
    async () => {
      const { clock, connection, server } = connectionWith({
        key,
        disconnectedRetryTimeout: 500,
        suspendedRetryTimeout: 1_000,
        connectionStateTtl: 5_000,
      });
      server.onOpen = 'break';
      connection.connect();
      await clock.advance(5_000);
      expect(connection.state).toBe('suspended');
      const before = server.lines.length;
      await clock.advance(HOUR);
      expect([connection.state, server.lines.length - before]).toEqual(['suspended', 3_600]);
      server.onOpen = 'accept';
      await clock.advance(1_100);
      expect(connection.state).toBe('connected');
    },
  );

  utsCase(
    'realtime/unit/RTN14g/error-empty-channel-failed-0',
    'fails on an ERROR that names no channel',
    async () => {
      const { clock, connection, server, states } = connectionWith({ key });
      server.onOpen = 'silence';
      connection.connect();
      await clock.advance(0);
      const error = { code: 50000, statusCode: 500, message: 'Internal server error' };
      server.line.send({ action: 9, channel: null, error });
      server.line.break();
      expect(states()).toEqual(['connecting', 'failed']);
      expect(connection.errorReason).toMatchObject(error);
    },
  );
});
