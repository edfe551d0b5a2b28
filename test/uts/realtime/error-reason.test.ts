import { describe, expect } from 'vitest';
import type { Verdict } from '../../kit/connection-server.js';
import { tokenExpired } from '../../kit/connection-server.js';
import { utsCase } from '../case.js';
import { connectionWith, mocked } from './mocked.js';

const key = 'appId.keyId:keySecret';

/** A connection to a server with this reaction. */
const opened = async (verdict: Verdict, options = {}) => {
  const one = connectionWith({ key, ...options });
  expect(one.connection.errorReason).toBeNull();
  one.server.onOpen = verdict;
  one.connection.connect();
  await one.clock.advance(0);
  return one;
};

describe('the reason of a connection’s state', () => {
  utsCase('realtime/unit/RTN25/error-reason-on-failed-0', 'is what the server failed it with', async () => {
    const error = { code: 40005, statusCode: 400, message: 'Invalid API key' };
    const { connection } = await opened(error);
    expect(connection.state).toBe('failed');
    expect(connection.errorReason).toMatchObject(error);
  });

  utsCase(
    'realtime/unit/RTN25/error-reason-disconnected-1',
    'is there while it is disconnected',
    async () => {
      const { connection } = await opened('break');
      expect(connection.state).toBe('disconnected');
      expect(connection.errorReason?.message).toMatch(/transport was lost/);
    },
  );

  utsCase('realtime/unit/RTN25/error-reason-suspended-2', 'is there while it is suspended', async () => {
    const { clock, connection } = await opened('break', {
      disconnectedRetryTimeout: 500,
      connectionStateTtl: 5_000,
    });
    await clock.advance(5_100);
    expect(connection.state).toBe('suspended');
    expect(connection.errorReason?.message).toMatch(/transport was lost/);
  });

  utsCase(
    'realtime/unit/RTN25/error-reason-token-error-3',
    'is that there is no other token, where there is none',
    async () => {
      const one = mocked({ token: 'expired_token' });
      one.server.onOpen = tokenExpired;
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.connection.state).toBe('failed');
      expect(one.connection.errorReason).toMatchObject({ code: 40171 });
    },
  );

  utsCase(
    'realtime/unit/RTN25/error-reason-cleared-on-connect-4',
    'is gone when it is connected',
    async () => {
      const { clock, connection, server } = await opened('break', { disconnectedRetryTimeout: 100 });
      expect(connection.errorReason).not.toBeNull();
      server.onOpen = 'accept';
      await clock.advance(150);
      expect([connection.state, connection.errorReason]).toEqual(['connected', null]);
    },
  );

  utsCase(
    'realtime/unit/RTN25/error-reason-protocol-error-5',
    'is the error of an ERROR without a channel',
    async () => {
      const { connection, server } = await opened('silence');
      const error = { code: 50000, statusCode: 500, message: 'Internal server error' };
      server.line.send({ action: 9, channel: null, error });
      expect(connection.state).toBe('failed');
      expect(connection.errorReason).toMatchObject(error);
    },
  );

  utsCase(
    'realtime/unit/RTN25/error-reason-in-state-change-6',
    'comes with the change of state, the same object',
    async () => {
      const error = { code: 40003, statusCode: 400, message: 'Access token invalid' };
      const { changes, connection } = await opened(error);
      const failed = changes.filter(({ event }) => event === 'failed');
      expect(failed).toHaveLength(1);
      expect(failed[0]?.reason).toMatchObject(error);
      expect(connection.errorReason).toBe(failed[0]?.reason);
    },
  );
});
