import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { AuthorizeHarness } from '../../kit/authorize-harness.js';
import { wireError } from '../../kit/connection-server.js';

const HUGE = `{"action":15,"data":"${'x'.repeat(17 * 1_048_576)}"}`;

/** Frames that are no messages, or none that a connection knows. */
const frames: readonly [what: string, data: unknown][] = [
  ['no JSON', '<html>502 Bad Gateway</html>'],
  ['half a message', '{"action":4,'],
  ['a list', '[{"action":4}]'],
  ['an action that is a word', '{"action":"CONNECTED"}'],
  ['bytes', new Uint8Array([0x81, 0xa6])],
  ['nothing', undefined],
  ['an unknown action', '{"action":99}'],
  ['an action below zero', '{"action":-1}'],
];

describe('a connection with a server that misbehaves', () => {
  describe.each(frames)('and sends %s', (_what, data) => {
    it('goes on as it was, and takes the answer that comes after it', async () => {
      const one = await new AuthorizeHarness().reach('connected');
      one.server.onAuth = 'silence';
      const call = one.authorize();
      await one.clock.advance(1);
      one.server.line.sendText(data);
      expect([call.result, one.connection.state]).toEqual(['waits', 'connected']);
      one.server.sayConnected();
      await one.clock.advance(0);
      expect(call.result).toHaveProperty('token');
      expect(one.changes).toEqual(['update']);
    });

    it('is disconnected in time when nothing else comes instead of CONNECTED', async () => {
      const one = await new AuthorizeHarness().reach('connecting');
      one.server.onOpen = 'silence';
      const call = one.authorize();
      await one.clock.advance(1);
      one.server.line.sendText(data);
      await one.clock.advance(9_999);
      expect(call.result).toMatchObject({ code: 80014 });
      expect(one.changes).toEqual(['disconnected 80014']);
      expect(one.connection.errorReason?.remediation).toMatch(/./);
      await one.recovers();
    });
  });

  it('drops a transport with a frame that is too long to be a message, and comes back with the new token', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    one.server.onAuth = 'silence';
    const call = one.authorize();
    await one.clock.advance(1);
    one.server.line.sendText(HUGE);
    await one.clock.advance(0);
    expect(one.changes).toEqual(['disconnected 80003', 'connecting', 'connected']);
    expect(call.result).toHaveProperty('token');
    await one.recovers();
  });

  it('is not held up by frames that are too long, each time', async () => {
    const one = await new AuthorizeHarness().reach('initialized');
    one.server.onOpen = 'silence';
    const call = one.authorize();
    await one.clock.advance(1);
    one.server.line.sendText(HUGE);
    await one.clock.advance(0);
    expect(one.changes).toEqual(['connecting', 'disconnected 80003']);
    expect(one.connection.errorReason?.message).toMatch(/longer than any message/);
    await one.clock.advance(10_000);
    expect(call.result).toMatchObject({ code: 80014 });
    await one.recovers();
  });

  it.each([
    ['without connectionDetails', {}],
    ['with connectionDetails that are null', { connectionDetails: null }],
    [
      'with connectionDetails of other types',
      { connectionDetails: { connectionKey: 1, maxIdleInterval: 'x' } },
    ],
    ['with an id that is a number', { connectionId: 5 }],
  ])('connects by a CONNECTED %s', async (_what, more) => {
    const one = await new AuthorizeHarness().reach('initialized');
    one.server.onOpen = 'silence';
    const call = one.authorize();
    await one.clock.advance(1);
    one.server.line.send({ action: 4, ...more });
    await one.clock.advance(0);
    expect(call.result).toHaveProperty('token');
    expect([one.connection.state, one.connection.id, one.connection.key]).toEqual(['connected', null, null]);
    await one.recovers();
  });

  it('fails on an ERROR whose channel is null, with its error', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    one.server.line.send({ action: 9, channel: null, error: wireError(50000) });
    expect([one.connection.state, one.connection.errorReason?.code]).toEqual(['failed', 50000]);
    await one.recovers();
  });

  it('fails with 40102 on a CONNECTED for somebody else, before anybody is told that it is connected', async () => {
    const one = await new AuthorizeHarness({ clientId: 'ada' }).reach('initialized');
    one.server.details = { clientId: 'bob' };
    const call = one.authorize();
    await one.clock.advance(0);
    expect(call.result).toMatchObject({
      code: 40102,
      statusCode: 401,
      message: expect.stringContaining('"bob"'),
    });
    expect(one.changes).toEqual(['connecting', 'failed 40102']);
    expect([one.auth.clientId, one.auth.tokenDetails]).toEqual(['ada', null]);
    await one.recovers();
  });

  it('fails likewise when the connection was opened by itself', async () => {
    const one = new AuthorizeHarness({ clientId: 'ada' });
    one.server.details = { clientId: 'bob' };
    one.connection.connect();
    await one.clock.advance(0);
    expect(one.changes).toEqual(['connecting', 'failed 40102']);
    await one.recovers();
  });

  it('is disconnected by a server that takes the socket and says nothing', async () => {
    const one = new AuthorizeHarness();
    one.server.onOpen = 'silence';
    one.connection.connect();
    await one.clock.advance(10_000);
    expect([one.connection.state, one.connection.errorReason?.code]).toEqual(['disconnected', 80014]);
    await one.recovers();
  });

  it('comes back with the new token when the server closes inside AUTH, each time', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    const { id } = one.connection;
    one.server.onAuth = 'break';
    for (let turn = 0; turn < 3; turn += 1) {
      const call = one.authorize({ ttl: 60_000 * (turn + 1) });
      await one.clock.advance(1_000);
      expect(call.result).toHaveProperty('token');
    }
    expect([one.connection.state, one.connection.id]).toEqual(['connected', id]);
    await one.recovers();
  });

  it.each(['client', 'server'] as const)(
    'asks the source seldom when the server asks over and over, renewal by the %s',
    async (by) => {
      const one = await new AuthorizeHarness(by === 'server' ? { renewal: 'server' } : {}).reach('connected');
      const { calls } = one.source;
      for (let second = 0; second < 60; second += 1) {
        for (let turn = 0; turn < 20; turn += 1) one.server.line.send({ action: 17 });
        await one.clock.advance(1_000);
      }
      expect(one.source.calls - calls).toBeGreaterThan(5);
      expect(one.source.calls - calls).toBeLessThanOrEqual(24);
      expect(one.connection.state).toBe('connected');
      await one.recovers();
    },
  );

  it('asks the source seldom when the server asks again as soon as it was answered', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    const { calls } = one.source;
    one.server.onMessage = (line, { action }) => {
      if (action === 17) line.send({ action: 17 });
    };
    one.server.line.send({ action: 17 });
    await one.clock.advance(60_000);
    expect(one.source.calls - calls).toBeLessThanOrEqual(24);
    expect(one.connection.state).toBe('connected');
    one.server.onMessage = () => {};
    await one.recovers();
  });

  it('asks the source seldom when the server asks as soon as it is connected, and drops it', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    const { calls } = one.source;
    for (let second = 0; second < 60; second += 1) {
      one.server.line.send({ action: 17 });
      one.server.line.break();
      await one.clock.advance(1_000);
    }
    expect(one.source.calls - calls).toBeLessThanOrEqual(24);
    await one.recovers();
  });
});

describe('a connection of any other make', () => {
  it.each(['ada', '*', null])('may say that the client is %s', async (clientId) => {
    const connection = fakeConnection({ autoAccept: false });
    const auth = new Auth({ authCallback: async () => 'a token', clientId: 'ada', connection });
    const authorized = auth.authorize();
    await settle();
    connection.accept();
    connection.report({ type: 'identity.confirmed', clientId });
    expect((await authorized).token).toBe('a token');
    expect(connection.state).toBe('connected');
    auth.dispose();
  });

  it('is failed with 40102 when it says that the client is somebody else', async () => {
    const connection = fakeConnection({ autoAccept: false });
    const auth = new Auth({ authCallback: async () => 'a token', clientId: 'ada', connection });
    const rejected = expect(auth.authorize()).rejects.toMatchObject({
      code: 40102,
      message: expect.stringContaining('"bob"'),
    });
    await settle();
    connection.accept();
    connection.report({ type: 'identity.confirmed', clientId: 'bob' });
    await rejected;
    expect(connection.pushes.at(-1)).toMatchObject({ type: 'connection.fail', error: { code: 40102 } });
    expect([connection.state, auth.clientId, auth.tokenDetails]).toEqual(['failed', 'ada', null]);
    auth.dispose();
  });
});
