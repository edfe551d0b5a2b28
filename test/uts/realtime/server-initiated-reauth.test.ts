import { describe, expect } from 'vitest';
import { tokenExpired } from '../../kit/connection-server.js';
import { utsCase } from '../case.js';
import { AUTH, authMessages, counting, mocked } from './mocked.js';

describe('a server that asks for a token', () => {
  utsCase('realtime/unit/RTN22/server-auth-triggers-reauth-0', 'is given a new one, by AUTH', async () => {
    const authCallback = counting();
    const one = mocked({ authCallback });
    await one.connected();
    one.server.line.send({ action: AUTH });
    await one.clock.advance(0);
    expect(authCallback).toHaveBeenCalledTimes(2);
    expect(authMessages(one)).toEqual([{ action: AUTH, auth: { accessToken: 'token-2' } }]);
    expect(one.changes.map(({ event }) => event)).toEqual(['update']);
  });

  utsCase(
    'realtime/unit/RTN22/stays-connected-during-reauth-1',
    'finds the connection connected all the time',
    async () => {
      const one = mocked();
      await one.connected();
      one.server.line.send({ action: AUTH });
      await one.clock.advance(0);
      expect(one.changes).toEqual([{ previous: 'connected', current: 'connected', event: 'update' }]);
      expect(one.connection.state).toBe('connected');
    },
  );

  utsCase(
    'realtime/unit/RTN22a/forced-disconnect-reauth-failure-0',
    'and disconnects for want of it finds the connection disconnected, then connected with another token',
    async () => {
      const one = mocked();
      await one.connected();
      one.server.line.send({ action: 6, error: tokenExpired });
      await one.clock.advance(0);
      expect(one.states()).toEqual(['disconnected', 'connecting', 'connected']);
      expect(one.changes[0]?.reason).toMatchObject({ code: 40142, statusCode: 401 });
      expect(one.server.tokens).toEqual(['token-1', 'token-2']);
    },
  );
});
