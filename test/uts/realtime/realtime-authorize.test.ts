import { describe, expect } from 'vitest';
import { wireError } from '../../kit/connection-server.js';
import { contradictedCase, utsCase } from '../case.js';
import { attaching, Channel } from './channel.js';
import { authMessages, counting, mocked } from './mocked.js';

describe('authorize() with a connection', () => {
  utsCase(
    'realtime/unit/RTC8a/authorize-connected-sends-auth-0',
    'sends AUTH with the new token over a live one',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      await one.connected();
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      expect((await authorized).token).toBe('token-2');
      expect(authCallback).toHaveBeenCalledTimes(2);
      expect(authMessages(one)).toEqual([{ action: 17, auth: { accessToken: 'token-2' } }]);
      expect([one.states(), one.connection.state]).toEqual([[], 'connected']);
    },
  );

  contradictedCase(
    'realtime/unit/RTC8a1/successful-reauth-update-event-0',
    'is told as an update with the new details, and the id stays: it is the same connection (RTN24)',
    async () => {
      const one = mocked();
      await one.connected();
      const { id, key } = one.connection;
      one.server.onAuth = 'silence';
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      one.server.details = { maxIdleInterval: 20_000, connectionStateTtl: 180_000 };
      one.server.sayConnected(one.server.line, { connectionId: 'connection-id-2' });
      await authorized;
      expect(one.changes).toEqual([{ previous: 'connected', current: 'connected', event: 'update' }]);
      expect(one.connection.id).toBe(id);
      expect(one.connection.key).not.toBe(key);
      // RTN21: the longer silence is valid from now on.
      await one.clock.advance(29_999);
      expect(one.states()).toEqual([]);
      await one.clock.advance(1);
      expect(one.states()[0]).toBe('disconnected');
    },
  );

  utsCase(
    'realtime/unit/RTC8a1/capability-downgrade-channel-failed-1',
    'that takes rights away fails the channel, and the connection stays',
    async () => {
      const one = mocked();
      await one.connected();
      one.server.onMessage = attaching;
      const channel = new Channel(one, 'private-channel');
      await channel.attach();
      one.server.onAuth = 'silence';
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      one.server.sayConnected();
      one.server.line.send({ action: 9, channel: 'private-channel', error: wireError(40160, 401) });
      await authorized;
      expect(channel.changes.at(-1)).toMatchObject({
        current: 'failed',
        reason: { code: 40160, statusCode: 401 },
      });
      expect(one.connection.state).toBe('connected');
    },
  );

  utsCase(
    'realtime/unit/RTC8a2/failed-reauth-connection-failed-0',
    'rejects with the error of a server that refuses, and the connection has failed',
    async () => {
      const one = mocked();
      await one.connected();
      one.server.onAuth = { code: 40012, statusCode: 400, message: 'Incompatible clientId' };
      const rejected = expect(one.auth.authorize()).rejects.toMatchObject({ code: 40012 });
      await one.clock.advance(0);
      await rejected;
      expect(one.states()).toEqual(['failed']);
      expect(one.connection.errorReason).toMatchObject({ code: 40012 });
    },
  );

  utsCase(
    'realtime/unit/RTC8a3/authorize-completes-after-response-0',
    'is settled only when the server has answered',
    async () => {
      const one = mocked();
      await one.connected();
      one.server.onAuth = 'silence';
      let isSettled = false;
      const authorized = one.auth.authorize().finally(() => {
        isSettled = true;
      });
      await one.clock.advance(9_000);
      expect([authMessages(one).length, isSettled]).toEqual([1, false]);
      one.server.sayConnected();
      await one.clock.advance(0);
      expect([isSettled, (await authorized).token]).toEqual([true, 'token-2']);
    },
  );

  utsCase(
    'realtime/unit/RTC8b/authorize-connecting-halts-attempt-0',
    'halts an attempt to connect, and connects with the new token',
    async () => {
      const authCallback = counting();
      const one = mocked({ authCallback });
      one.server.onOpen = (token) => (token === 'token-1' ? 'silence' : 'accept');
      one.connection.connect();
      await one.clock.advance(0);
      const first = one.server.line;
      const authorized = one.auth.authorize();
      expect([one.connection.state, first.isOver]).toEqual(['connecting', true]);
      await one.clock.advance(0);
      expect((await authorized).token).toBe('token-2');
      expect(one.states()).toEqual(['connecting', 'connected']);
      expect(one.server.lines.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
      expect(authCallback).toHaveBeenCalledTimes(2);
    },
  );

  utsCase(
    'realtime/unit/RTC8b1/authorize-connecting-fails-on-failed-0',
    'rejects when the connection fails instead',
    async () => {
      const one = mocked();
      one.server.onOpen = (token) => (token === 'token-1' ? 'silence' : wireError(40101, 401));
      one.connection.connect();
      await one.clock.advance(0);
      const rejected = expect(one.auth.authorize()).rejects.toMatchObject({ code: 40101 });
      await one.clock.advance(0);
      await rejected;
      expect(one.connection.state).toBe('failed');
    },
  );

  utsCase(
    'realtime/unit/RTC8c/authorize-disconnected-initiates-connection-0',
    'opens one that is not connected',
    async () => {
      const one = mocked();
      expect(one.connection.state).toBe('initialized');
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      expect((await authorized).token).toBe('token-1');
      expect(one.states()).toEqual(['connecting', 'connected']);
      expect(one.server.tokens).toEqual(['token-1']);
    },
  );

  utsCase(
    'realtime/unit/RTC8c/authorize-failed-initiates-connection-1',
    'opens one that has failed',
    async () => {
      const one = mocked();
      one.server.onOpen = (token) => (token === 'token-1' ? wireError(40101, 401) : 'accept');
      await one.connected();
      expect(one.connection.state).toBe('failed');
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      expect((await authorized).token).toBe('token-2');
      expect(one.states()).toEqual(['connecting', 'connected']);
      expect(one.server.tokens).toEqual(['token-1', 'token-2']);
    },
  );

  utsCase(
    'realtime/unit/RTC8c/authorize-closed-initiates-connection-2',
    'opens one that was closed',
    async () => {
      const one = mocked();
      await one.connected();
      one.connection.close();
      await one.clock.advance(0);
      expect(one.connection.state).toBe('closed');
      const authorized = one.auth.authorize();
      await one.clock.advance(0);
      expect([(await authorized).token, one.connection.state]).toEqual(['token-2', 'connected']);
    },
  );
});
