import { afterEach, describe, expect, it, vi } from 'vitest';
import { ErrorInfo } from '../../../src/errors/error-info.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { tokenExpired, wireError } from '../../kit/connection-server.js';

const AUTH = 17;
const CLOSE = 7;

describe('a token pushed to a realtime connection', () => {
  let all: ConnectionHarness[] = [];
  const harness = () => {
    const one = new ConnectionHarness();
    all.push(one);
    return one;
  };
  const connected = () => harness().connected();
  const authsOn = (one: ConnectionHarness) =>
    one.server.lines.map((line) => line.received.filter(({ action }) => action === AUTH).length);

  afterEach(() => {
    for (const { clock, connection, server } of all) {
      connection.dispose();
      expect([clock.pending, server.live]).toEqual([0, []]);
    }
    all = [];
  });

  describe('in place', () => {
    it('a token is sent in AUTH, and accepted with the CONNECTED that answers it', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(9_999);
      expect(outcome.result).toBeUndefined();
      expect(one.server.line.received).toEqual([{ action: AUTH, auth: { accessToken: 'token-2' } }]);
      one.server.sayConnected();
      await one.clock.advance(0);
      expect(outcome.result).toBe('accepted');
      expect(one.changes).toEqual(['update']);
      expect([one.connection.id, one.connection.key, one.server.lines.length]).toEqual([
        'connection-1',
        'key-2',
        1,
      ]);
    });

    it('the connection reconnects with the accepted token', async () => {
      const one = await connected();
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(0);
      one.server.line.break();
      await one.clock.advance(0);
      expect(one.server.line.token).toBe('token-2');
    });

    it('an accepted token clears the previous reason', async () => {
      const one = await connected();
      one.server.resumes = false;
      one.server.line.break();
      await one.clock.advance(0);
      expect(one.connection.errorReason?.code).toBe(80018);
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(0);
      expect(one.connection.errorReason).toBeNull();
    });

    it('a token is rejected with the error of an ERROR, which fails the connection', async () => {
      const one = await connected();
      one.server.onAuth = wireError(40102);
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(0);
      expect(outcome.result).toMatchObject({ code: 40102, statusCode: 401 });
      expect(one.changes).toEqual(['failed 40102']);
    });

    it('a token that the server does not recognise is rejected, and the connection returns with the previous token', async () => {
      const one = await connected();
      one.server.onAuth = tokenExpired;
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(0);
      expect(outcome.result).toMatchObject({ code: 40142 });
      expect([one.connection.state, one.connection.id, one.server.line.token]).toEqual([
        'connected',
        'connection-1',
        'token-1',
      ]);
    });

    it('a token without an answer is rejected with 80014, and the connection stays as it was', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(10_000);
      expect(outcome.result).toMatchObject({ code: 80014 });
      expect([one.connection.state, one.changes, one.server.lines.length]).toEqual(['connected', [], 1]);
      one.server.line.break();
      await one.clock.advance(0);
      expect(one.server.line.token).toBe('token-1');
    });

    it.each([
      ['the transport breaks', (one: ConnectionHarness) => one.server.line.break()],
      [
        'the server disconnects',
        (one: ConnectionHarness) => one.server.line.send({ action: 6, error: wireError(80003, 400) }),
      ],
      [
        'the token before dies',
        (one: ConnectionHarness) => one.server.line.send({ action: 6, error: tokenExpired }),
      ],
    ])('a token whose answer is missing when %s is used for the next connection', async (_title, happens) => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1);
      happens(one);
      await one.clock.advance(0);
      expect(outcome.result).toBe('accepted');
      expect([one.server.line.token, one.server.line.resume]).toEqual(['token-2', 'key-1']);
      expect(one.connection.id).toBe('connection-1');
      expect(one.reports.join()).not.toContain('token.refused');
    });

    it('a pending token is rejected with 80017 when the connection is closed', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1);
      one.connection.close();
      await one.clock.advance(0);
      expect([one.connection.state, outcome.result]).toMatchObject(['closed', { code: 80017 }]);
    });

    it('a CONNECTED that arrives late for another token does not accept a token', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const first = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1);
      const second = one.push('connection.upgrade', 'token-3');
      await one.clock.advance(1);
      expect(first.result).toMatchObject({ code: 80017 });
      expect(authsOn(one)).toEqual([1]);
      one.server.onAuth = wireError(40102);
      one.server.sayConnected();
      await one.clock.advance(0);
      expect(one.server.tokens).toEqual(['token-1', 'token-2', 'token-3']);
      expect(second.result).toMatchObject({ code: 40102 });
    });

    it('a token uses another transport if an older answer is overdue, because answers could be mistaken', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(10_000);
      const outcome = one.push('connection.upgrade', 'token-3');
      await one.clock.advance(0);
      expect([outcome.result, one.connection.id]).toEqual(['accepted', 'connection-1']);
      expect(one.server.lines.map((line) => line.token)).toEqual(['token-1', 'token-3']);
      expect(authsOn(one)).toEqual([1, 0]);
    });

    it('a token changes to another transport when the older answer becomes overdue', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(4_000);
      const outcome = one.push('connection.upgrade', 'token-3');
      await one.clock.advance(5_999);
      expect([outcome.result, one.server.lines.length]).toEqual([undefined, 1]);
      await one.clock.advance(1);
      expect([outcome.result, one.server.line.token]).toEqual(['accepted', 'token-3']);
    });

    it('a token is sent in place again after the older answer has arrived', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(12_000);
      one.server.sayConnected();
      one.server.onAuth = 'accept';
      const outcome = one.push('connection.upgrade', 'token-3');
      await one.clock.advance(0);
      expect([outcome.result, one.server.lines.length]).toEqual(['accepted', 1]);
    });

    it('a pending token stays pending when an older, aborted one is refused', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1);
      const outcome = one.push('connection.upgrade', 'token-3');
      one.server.line.send({ action: 9, error: wireError(40102) });
      await one.clock.advance(0);
      expect([outcome.result, one.server.line.token]).toEqual(['accepted', 'token-3']);
    });

    it('a late refusal does not affect the current token', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      one.push('connection.upgrade', 'token-2');
      await one.clock.advance(12_000);
      one.server.line.send({ action: 9, error: tokenExpired });
      await one.clock.advance(0);
      expect([one.connection.state, one.server.line.token]).toEqual(['connected', 'token-1']);
      expect(one.reports.join()).not.toContain('token.refused');
    });
  });

  describe('a token that is pushed without a connection', () => {
    it('a token aborts the running attempt and connects at once', async () => {
      const one = harness();
      one.server.onOpen = 'silence';
      const first = one.push('connection.open', 'token-1');
      await one.clock.advance(1);
      one.server.onOpen = 'accept';
      const second = one.push('connection.open', 'token-2');
      await one.clock.advance(0);
      expect([first.result, second.result]).toMatchObject([{ code: 80017 }, 'accepted']);
      expect(one.server.lines.map((line) => line.isOver)).toEqual([true, false]);
      expect(one.changes).toEqual(['connecting', 'connected']);
    });

    it('a token waits through broken transports and is accepted when one holds', async () => {
      const one = harness();
      one.server.onOpen = 'break';
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(60_000);
      expect(outcome.result).toBeUndefined();
      one.server.onOpen = 'accept';
      await one.clock.advance(60_000);
      expect(outcome.result).toBe('accepted');
    });

    it.each(['disconnected', 'suspended', 'failed', 'closed'] as const)(
      'a token opens a connection that is %s at once',
      async (state) => {
        const one = await connected();
        if (state === 'closed') one.connection.close();
        if (state === 'failed') one.server.line.send({ action: 9, error: wireError(50000) });
        if (state === 'disconnected' || state === 'suspended') {
          one.server.onOpen = 'break';
          one.server.line.break();
        }
        await one.clock.advance(state === 'suspended' ? 120_000 : 0);
        expect(one.connection.state).toBe(state);
        one.server.onOpen = 'accept';
        const outcome = one.push('connection.open', 'token-2');
        await one.clock.advance(0);
        expect([outcome.result, one.connection.state, one.server.line.token]).toEqual([
          'accepted',
          'connected',
          'token-2',
        ]);
        expect(one.connection.errorReason).toBeNull();
      },
    );

    it('a token opens a connection that is closing', async () => {
      const one = await connected();
      one.server.onClose = 'silence';
      one.connection.close();
      const outcome = one.push('connection.open', 'token-2');
      await one.clock.advance(0);
      expect([outcome.result, one.connection.id]).toEqual(['accepted', 'connection-2']);
    });

    it('a token that is refused during a reconnect gives way to the previous token', async () => {
      const one = await connected();
      one.server.onAuth = 'break';
      one.server.onOpen = (token) => (token === 'token-2' ? tokenExpired : 'accept');
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1_000);
      expect(outcome.result).toMatchObject({ code: 40142 });
      expect([one.connection.state, one.server.line.token]).toEqual(['connected', 'token-1']);
    });
  });

  describe('a token for another client', () => {
    it('a token for another client replaces the connection: another transport, no resumption, another id', async () => {
      const one = await connected();
      const old = one.server.line;
      const outcome = one.push('connection.replace', 'token-2');
      await one.clock.advance(0);
      expect([outcome.result, one.connection.id, one.server.line.resume, old.isOver]).toEqual([
        'accepted',
        'connection-2',
        null,
        true,
      ]);
      expect(one.changes).toEqual(['connecting', 'connected']);
      expect(old.received, 'the user before leaves at once').toEqual([{ action: CLOSE }]);
    });

    it('the connection closes a new connection that the client gives up before it knows of it', async () => {
      const one = harness();
      one.server.onOpen = () => 'silence';
      one.connection.connect();
      one.push('connection.open', 'token-1');
      await one.clock.advance(0);
      const [first] = one.server.lines;
      one.push('connection.replace', 'token-2');
      await one.clock.advance(0);
      expect([first?.received, first?.isOver]).toEqual([[{ action: CLOSE }], true]);
    });

    it('the connection does not close a connection that it tries to resume', async () => {
      const one = await connected();
      one.server.onOpen = () => 'silence';
      one.server.line.break();
      await one.clock.advance(0);
      const resuming = one.server.line;
      one.server.onOpen = () => 'accept';
      await one.clock.advance(10_000);
      expect([resuming.received, resuming.isOver, one.connection.id]).toEqual([[], true, 'connection-1']);
    });

    it('a refused token for another client leaves the previous token in use', async () => {
      const one = await connected();
      one.server.onOpen = (token) => (token === 'token-2' ? tokenExpired : 'accept');
      const outcome = one.push('connection.replace', 'token-2');
      await one.clock.advance(0);
      expect(outcome.result).toMatchObject({ code: 40142 });
      expect([one.connection.state, one.server.line.token]).toEqual(['connected', 'token-1']);
    });
  });

  describe('a token whose push was aborted', () => {
    it('a token that was aborted before is not sent', async () => {
      const one = await connected();
      const abort = AbortSignal.abort(new Error('too late'));
      const promise = one.connection.push({ type: 'connection.upgrade', token: { token: 'token-2' } }, abort);
      await expect(promise).rejects.toThrow('too late');
      expect(one.server.line.received).toEqual([]);
    });

    it('a token that was aborted before does not replace a pending one', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const first = one.push('connection.upgrade', 'token-2');
      const push = { type: 'connection.upgrade', token: { token: 'token-3' } } as const;
      await expect(one.connection.push(push, AbortSignal.abort())).rejects.toThrow();
      one.server.sayConnected();
      await one.clock.advance(0);
      expect(first.result).toBe('accepted');
    });

    it('an aborted token rejects with the signal’s reason, and its answer is an ordinary update', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      await one.clock.advance(1);
      outcome.abort.abort(new Error('never mind'));
      await one.clock.advance(1);
      expect(outcome.result).toMatchObject({ message: 'never mind' });
      one.server.sayConnected();
      one.server.line.break();
      await one.clock.advance(0);
      expect([one.server.line.token, one.changes[0]]).toEqual(['token-1', 'update']);
    });

    it('a connecting token that is aborted gives way to the last accepted token', async () => {
      const one = await connected();
      one.server.onOpen = 'silence';
      one.server.line.break();
      const outcome = one.push('connection.open', 'token-2');
      await one.clock.advance(1);
      one.server.onOpen = 'accept';
      outcome.abort.abort();
      await one.clock.advance(0);
      expect([one.connection.state, one.server.line.token]).toEqual(['connected', 'token-1']);
    });

    it('the connection asks for another token if there is no accepted one', async () => {
      const one = harness();
      one.server.onOpen = 'silence';
      one.connection.connect();
      const outcome = one.push('connection.open', 'token-1');
      await one.clock.advance(1);
      outcome.abort.abort();
      expect([one.connection.state, one.reports.at(-1), one.server.live]).toEqual([
        'connecting',
        'token.needed',
        [],
      ]);
    });

    it('a push leaves no listener at its signal, in every outcome', async () => {
      const one = await connected();
      const { signal } = new AbortController();
      const [added, removed] = [
        vi.spyOn(signal, 'addEventListener'),
        vi.spyOn(signal, 'removeEventListener'),
      ];
      for (let turn = 0; turn < 3; turn += 1) {
        await Promise.all([
          one.connection.push({ type: 'connection.upgrade', token: { token: `token-${turn}` } }, signal),
          one.clock.advance(0),
        ]);
      }
      expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([3, 3]);
    });
  });

  describe('a connection.fail', () => {
    it('a connection.fail fails the connection with 80019 and the cause, and rejects the pending token with the cause', async () => {
      const one = await connected();
      one.server.onAuth = 'silence';
      const outcome = one.push('connection.upgrade', 'token-2');
      const error = new ErrorInfo({ code: 40170, message: 'the source failed' });
      await one.connection.push({ type: 'connection.fail', error }, new AbortController().signal);
      await one.clock.advance(0);
      expect(one.connection.errorReason).toMatchObject({ code: 80019, statusCode: 401, cause: error });
      expect([outcome.result, one.changes, one.server.live]).toEqual([error, ['failed 80019'], []]);
    });

    it('a connection.fail has status 403 if its cause has', async () => {
      const one = await connected();
      const error = new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' });
      await one.connection.push({ type: 'connection.fail', error }, new AbortController().signal);
      expect(one.connection.errorReason).toMatchObject({ code: 80019, statusCode: 403 });
    });

    it('a connection.fail leaves a closed connection closed', async () => {
      const one = await connected();
      one.connection.close();
      await one.clock.advance(0);
      const error = new ErrorInfo({ code: 40300, statusCode: 403, message: 'signed out' });
      await one.connection.push({ type: 'connection.fail', error }, new AbortController().signal);
      expect(one.connection.state).toBe('closed');
    });
  });

  it('a pushed token is copied: later changes of the event have no effect', async () => {
    const one = harness();
    const token = { token: 'token-1' };
    const promise = one.connection.push({ type: 'connection.open', token }, new AbortController().signal);
    token.token = 'something else';
    await one.clock.advance(0);
    await promise;
    one.server.line.break();
    await one.clock.advance(0);
    expect(one.server.tokens).toEqual(['token-1', 'token-1']);
  });
});
