import { describe, expect } from 'vitest';
import { errorCodes } from '../../../src/index.js';
import { tokenExpired, wireError } from '../../kit/connection-server.js';
import { contradictedCase, utsCase } from '../case.js';
import { HOUR, mocked } from './mocked.js';

describe('a token that cannot be renewed', () => {
  contradictedCase(
    'realtime/unit/RSA4a1/non-renewable-token-logs-warning-0',
    'is no line in a log, for nothing is logged: explain() says from the start that it cannot be renewed',
    () => {
      const { auth } = mocked({ token: 'non-renewable-token' });
      expect(auth.explain().inputs.renewable).toBe(false);
      expect(errorCodes[40171]).toMatchObject({ meaning: expect.stringContaining('No means to renew') });
    },
  );

  utsCase(
    'realtime/unit/RSA4a2/token-error-non-renewable-failed-0',
    'fails the connection with 40171 when the server refuses it',
    async () => {
      const one = mocked({ token: 'expired-token' });
      one.server.onOpen = tokenExpired;
      one.connection.connect();
      await one.clock.advance(0);
      expect(one.states()).toEqual(['connecting', 'failed']);
      expect(one.connection.errorReason).toMatchObject({ code: 40171, cause: { code: 40142 } });
      expect(one.changes.at(-1)?.reason).toMatchObject({ code: 40171 });
      expect(String(one.connection.errorReason)).toContain('https://help.ably.io/error/40171');
    },
  );

  utsCase('realtime/unit/RSA4a2/token-error-non-renewable-no-retry-1', 'is tried once', async () => {
    const one = mocked({ token: 'non-renewable-token' });
    one.server.onOpen = wireError(40140, 401);
    one.connection.connect();
    await one.clock.advance(HOUR);
    expect([one.connection.state, one.server.lines.length]).toEqual(['failed', 1]);
    expect(one.connection.errorReason).toMatchObject({ code: 40171 });
  });
});
