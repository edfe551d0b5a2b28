import { describe, expect } from 'vitest';
import { tokenExpired, wireError } from '../../kit/connection-server.js';
import { utsCase } from '../case.js';
import { HOUR, mocked } from './mocked.js';

describe('a token that cannot be renewed', () => {
  utsCase('realtime/unit/RSA4a1/non-renewable-token-logs-warning-0', 'is told in the log, at info', () => {
    const lines: { readonly level: string; readonly message: string }[] = [];
    mocked({
      token: 'non-renewable-token',
      logLevel: 'info',
      logHandler: (message: string, level: string) => lines.push({ level, message }),
    });
    const [line] = lines.filter(({ level }) => level === 'info');
    expect(line?.message).toContain('40171');
    expect(line?.message).toContain('no way to renew');
    expect(line?.message).toContain('https://help.ably.io/error/40171');
  });

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
