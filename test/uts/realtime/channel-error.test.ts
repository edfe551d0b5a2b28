import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { ATTACH, ATTACHED, attaching, Channel, DETACH, DETACHED, ERROR, MESSAGE } from './channel.js';
import { ablyError, mocked } from './mocked.js';

const NAME = 'test-channel';
const denied = ablyError(40160, 401, 'Not permitted');

const live = async () => {
  const one = mocked();
  one.server.onMessage = attaching;
  await one.connected();
  return one;
};

describe('an ERROR that names a channel', () => {
  utsCase('realtime/unit/RTL14/attached-to-failed-0', 'reaches it, and the connection stays', async () => {
    const one = await live();
    const channel = new Channel(one, NAME);
    await channel.attach();
    channel.changes.length = 0;
    one.server.line.send({ action: ERROR, channel: NAME, error: denied });
    expect(channel.changes).toEqual([{ previous: 'attached', current: 'failed', reason: denied }]);
    expect(channel.errorReason).toEqual(denied);
    expect([one.connection.state, one.connection.errorReason, one.changes]).toEqual(['connected', null, []]);
  });

  utsCase('realtime/unit/RTL14/attaching-to-failed-1', 'is the answer to its attaching', async () => {
    const one = await live();
    one.server.onMessage = (line, { action, channel }) => {
      if (action === ATTACH) line.send({ action: ERROR, channel, error: denied });
    };
    const channel = new Channel(one, NAME);
    await expect(channel.attach()).rejects.toMatchObject({ code: 40160 });
    expect([channel.state, channel.errorReason]).toEqual(['failed', denied]);
    expect(one.connection.state).toBe('connected');
  });

  utsCase('realtime/unit/RTL14/pending-detach-error-2', 'is the answer to its detaching', async () => {
    const one = await live();
    const channel = new Channel(one, NAME);
    await channel.attach();
    const error = ablyError(90198, 500, 'Detach failed');
    one.server.onMessage = (line, { action, channel: name }) => {
      if (action === DETACH) line.send({ action: ERROR, channel: name, error });
    };
    await expect(channel.detach()).rejects.toMatchObject({ code: 90198 });
    expect([channel.state, channel.errorReason]).toEqual(['failed', error]);
    expect(one.connection.state).toBe('connected');
  });

  utsCase('realtime/unit/RTL14/other-channels-unaffected-3', 'leaves every other alone', async () => {
    const one = await live();
    const [a, b] = [new Channel(one, 'a'), new Channel(one, 'b')];
    await Promise.all([a.attach(), b.attach()]);
    one.server.line.send({ action: ERROR, channel: 'a', error: denied });
    expect([a.state, a.errorReason, b.state, b.errorReason]).toEqual(['failed', denied, 'attached', null]);
    expect(one.connection.state).toBe('connected');
  });

  utsCase('realtime/unit/RTL14/cancels-pending-timers-4', 'ends what it waits for', async () => {
    const one = await live();
    let attaches = 0;
    one.server.onMessage = (line, { action, channel }) => {
      if (action !== ATTACH) return;
      attaches += 1;
      if (attaches === 1) line.send({ action: ATTACHED, channel });
    };
    const channel = new Channel(one, NAME, { requestMs: 100, retryMs: 200 });
    await channel.attach();
    one.server.line.send({ action: DETACHED, channel: NAME, error: ablyError(90198, 500) });
    await one.clock.advance(150);
    expect([channel.state, attaches]).toEqual(['suspended', 2]);
    one.server.line.send({ action: ERROR, channel: NAME, error: denied });
    await one.clock.advance(500);
    expect([channel.state, attaches, one.connection.state]).toEqual(['failed', 2, 'connected']);
  });
});

describe('a message that was not acknowledged', () => {
  utsCase(
    'realtime/unit/RTN7e/error-represents-reason-4',
    'fails with the reason of a connection that fails',
    async () => {
      const one = await live();
      const error = ablyError(80019, 400, 'Connection closed due to admin action');
      const channel = new Channel(one, NAME);
      await channel.attach();
      one.server.onMessage = (line, { action }) => {
        if (action !== MESSAGE) return;
        line.send({ action: ERROR, error });
        line.break();
      };
      await expect(channel.publish('pending')).rejects.toMatchObject(error);
      expect(one.connection.state).toBe('failed');
      expect(one.connection.errorReason).toMatchObject(error);
    },
  );
});
