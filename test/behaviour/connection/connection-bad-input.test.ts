import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { AuthorizeHarness } from '../../kit/authorize-harness.js';
import { wireError } from '../../kit/connection-server.js';

const HUGE = `{"action":15,"data":"${'x'.repeat(17 * 1_048_576)}"}`;

/** Frames that are not messages, or messages that a connection does not know. */
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
  describe.each(frames)('a server that sends %s', (_what, data) => {
    it('the connection stays as it was and accepts the next valid answer', async () => {
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

    it('the connection is disconnected in time if nothing else arrives instead of CONNECTED', async () => {
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

  it('the connection drops a transport with a frame that is too long, and reconnects with the new token', async () => {
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

  it('the connection reconnects after each oversized frame without a growing delay', async () => {
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
  ])('the connection connects with a CONNECTED %s', async (_what, more) => {
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

  it('the connection fails on an ERROR whose channel is null, with its error', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    one.server.line.send({ action: 9, channel: null, error: wireError(50000) });
    expect([one.connection.state, one.connection.errorReason?.code]).toEqual(['failed', 50000]);
    await one.recovers();
  });

  it('the connection fails with 40102 on a CONNECTED for another client, before it reports connected', async () => {
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

  it('a connection that was opened without authorize() fails with 40102 too', async () => {
    const one = new AuthorizeHarness({ clientId: 'ada' });
    one.server.details = { clientId: 'bob' };
    one.connection.connect();
    await one.clock.advance(0);
    expect(one.changes).toEqual(['connecting', 'failed 40102']);
    await one.recovers();
  });

  it('the connection is disconnected if a server accepts the socket and sends nothing', async () => {
    const one = new AuthorizeHarness();
    one.server.onOpen = 'silence';
    one.connection.connect();
    await one.clock.advance(10_000);
    expect([one.connection.state, one.connection.errorReason?.code]).toEqual(['disconnected', 80014]);
    await one.recovers();
  });

  it('the connection reconnects with the new token each time the server closes during AUTH', async () => {
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
    'the client asks the source seldom if the server asks for tokens all the time, renewal by the %s',
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

  it('the client asks the source seldom if the server asks again after each answer', async () => {
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

  it('the client asks the source seldom if the server asks at each connect and drops the connection', async () => {
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

describe('a connection adapter that is not a RealtimeConnection', () => {
  it.each(['ada', '*', null])('an adapter can report that the client is %s', async (clientId) => {
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

  it('an adapter that reports another client is failed with 40102', async () => {
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
