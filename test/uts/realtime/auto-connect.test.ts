import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { connectionWith, HOUR, mocked } from './mocked.js';

describe('autoConnect', () => {
  utsCase('realtime/unit/RTN3/auto-connect-true-0', 'connects without being told', async () => {
    const one = mocked(undefined, { autoConnect: true });
    expect(one.server.lines).toEqual([]);
    await one.clock.advance(0);
    expect(one.states()).toEqual(['connecting', 'connected']);
  });

  utsCase('realtime/unit/RTN3/auto-connect-false-1', 'switched off waits to be told', async () => {
    const one = mocked(undefined, { autoConnect: false });
    await one.clock.advance(HOUR);
    expect([one.connection.state, one.server.lines, one.changes]).toEqual(['initialized', [], []]);
  });

  utsCase(
    'realtime/unit/RTN3/explicit-connect-after-false-2',
    'switched off connects when it is told',
    async () => {
      const one = mocked(undefined, { autoConnect: false });
      await one.clock.advance(0);
      one.connection.connect();
      expect(one.connection.state).toBe('connecting');
      await one.clock.advance(0);
      expect([one.connection.state, one.server.lines.length]).toEqual(['connected', 1]);
    },
  );
});

describe('autoConnect of a client', () => {
  utsCase(
    'realtime/unit/RTC1b/auto-connect-option-0',
    'is on by default, and can be switched off',
    async () => {
      const key = 'appId.keyId:keySecret';
      const { autoConnect: _off, ...byDefault } = { autoConnect: false };
      const on = connectionWith({ key, ...byDefault, autoConnect: true });
      const off = connectionWith({ key });
      await on.clock.advance(0);
      await off.clock.advance(HOUR);
      expect([on.connection.state, off.connection.state]).toEqual(['connected', 'initialized']);
      expect([on.server.lines.length, off.server.lines.length]).toEqual([1, 0]);
      off.connection.connect();
      expect(off.connection.state).toBe('connecting');
      await off.clock.advance(0);
      expect([off.connection.state, off.server.lines.length]).toEqual(['connected', 1]);
    },
  );
});
