import { describe, expect, it } from 'vitest';
import type { ConnectionReport } from '../../../src/connection/port.js';
import { type ReconnectingStack, reconnecting } from '../../../src/connection/reconnecting/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

function made(more: Partial<ReconnectingStack> = {}, onReport = (_report: ConnectionReport) => {}) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const stack = { open: (token: string) => calls.push(token), close: () => calls.push('close'), ...more };
  const connection = reconnecting(stack, { clock });
  const reports: ConnectionReport[] = [];
  connection.attach((report) => {
    reports.push(report);
    onReport(report);
  });
  const push = (type: 'connection.open' | 'connection.upgrade', token: string, expires?: number) => {
    const event = { type, token: { token, ...(expires === undefined ? {} : { expires }) } } as const;
    return connection.push(event, new AbortController().signal).then(
      () => 'accepted',
      ({ code }) => code,
    );
  };
  return { clock, calls, connection, reports, push };
}

describe('a connection made of two functions', () => {
  it('the functions get the token, and a transport that opens counts as the answer', async () => {
    const { calls, connection, push } = made();
    const answer = push('connection.open', 'one');
    expect(calls).toEqual(['one']);
    connection.opened();
    expect(await answer).toBe('accepted');
    expect(connection.state).toBe('connected');
  });

  it('the connection opens the stack again after a loss: at once, then after 1 s, which doubles', async () => {
    const { calls, clock, connection, push } = made();
    void push('connection.open', 'one');
    connection.opened();
    const waits: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      connection.closed({ code: 1006 });
      const before = calls.length;
      let waited = 0;
      for (; calls.length === before; waited += 1_000) await clock.advance(waited === 0 ? 1 : 1_000);
      waits.push(waited - 1_000);
    }
    expect(waits.map((ms) => Math.round(ms / 1_000))).toEqual([0, 1, 2, 4, 8, 16, 30]);
  });

  it('a token that expired meanwhile is not presented: the connection asks for another', async () => {
    const { calls, clock, connection, push, reports } = made();
    void push('connection.open', 'one', clock.now() + 4_000);
    connection.opened();
    await clock.advance(5_000);
    calls.length = 0;
    connection.closed({ code: 1006 });
    await clock.advance(60_000);
    expect(calls).not.toContain('one');
    expect(reports.map(({ type }) => type)).toContain('token.needed');
  });

  it.each([4401, 4403])('a close with %i is a refusal: the token is not presented again', async (code) => {
    const { calls, clock, connection, push } = made();
    void push('connection.open', 'one');
    connection.opened();
    connection.closed({ code, reason: '' });
    await clock.advance(60_000);
    expect(calls.filter((call) => call === 'one')).toHaveLength(1);
    expect(await push('connection.open', 'one')).toBe(40140);
    expect(calls.filter((call) => call === 'one')).toHaveLength(1);
  });

  it('a reason that begins with another code fails the connection', async () => {
    const { connection, push } = made();
    const answer = push('connection.open', 'one');
    connection.closed({ code: 4403, reason: '40102 the token is for another client' });
    expect(await answer).toBe(40102);
    expect(connection.state).toBe('failed');
  });

  it('what the stack reports while it is switched is about the transport before', async () => {
    const { connection, push } = made({ open: () => connection.closed({ code: 1000 }) });
    void push('connection.open', 'one');
    expect(connection.state).toBe('connecting');
  });

  it.each([undefined, 'text', '{"type":', '[]', '{"type":"authenticate","id":1}', new ArrayBuffer(8)])(
    'a message that is not about the token, %o, is the app’s',
    (message) => {
      const { connection } = made({ send: () => {} });
      expect(connection.hear(message)).toBe(false);
    },
  );

  it('the answer to a token that another has replaced is not a message for the app', async () => {
    const { connection, push } = made({ send: () => {} });
    void push('connection.open', 'one');
    connection.accepted();
    void push('connection.upgrade', 'two');
    const answer = push('connection.upgrade', 'three');
    expect(connection.hear('{"type":"refused","id":1,"code":42910}')).toBe(true);
    expect(connection.hear('{"type":"accepted","id":3}')).toBe(false);
    expect(connection.hear('{"type":"news","id":1}')).toBe(false);
    expect(connection.hear('{"type":"accepted","id":2}')).toBe(true);
    expect(await answer).toBe('accepted');
    expect(connection.hear('{"type":"accepted","id":2}')).toBe(true);
  });

  it('a request of the server for a token is reported, also where none can be sent', async () => {
    const { connection, push, reports } = made();
    void push('connection.open', 'one');
    connection.opened();
    expect(connection.hear('{"type":"token.asked","expiresInMs":30000}')).toBe(true);
    expect(reports.map(({ type }) => type)).toContain('token.asked');
  });

  it('the next token is given only while the connection is to be open', async () => {
    const { connection, push } = made({ comesBack: true });
    const given: string[] = [];
    connection.nextToken().then((token) => given.push(token));
    await settle();
    expect(given).toEqual([]);
    void push('connection.open', 'one');
    await settle();
    expect(given).toEqual(['one']);
    connection.close();
    connection.nextToken().then((token) => given.push(token));
    await settle();
    expect(given).toEqual(['one']);
  });

  it('the next token is given when the Auth offers one as soon as it is asked', async () => {
    const { clock, connection, push } = made({ comesBack: true }, ({ type }) => {
      if (type === 'token.needed') void push('connection.open', 'two', clock.now() - 1);
    });
    void push('connection.open', 'one', clock.now() + 4_000);
    connection.opened();
    await clock.advance(5_000);
    connection.closed({ code: 1006 });
    const given: string[] = [];
    connection.nextToken().then((token) => given.push(token));
    await settle();
    expect(given).toEqual(['two']);
  });

  it('an open that throws rejects the token at once, and the connection is tried again after a while', async () => {
    let isFaulty = true;
    const tries: string[] = [];
    const { clock, connection, push, reports } = made({
      open: (token) => {
        tries.push(token);
        if (isFaulty) throw new Error('a fault of the app');
      },
    });
    expect(await push('connection.open', 'one')).toBe(80003);
    expect(connection.state).toBe('disconnected');
    await clock.advance(1_000);
    expect(reports.map(({ type }) => type)).toContain('token.needed');
    isFaulty = false;
    const answer = push('connection.open', 'two');
    connection.opened();
    expect([await answer, connection.state]).toEqual(['accepted', 'connected']);
    isFaulty = true;
    connection.closed({ code: 1006 });
    await clock.advance(60_000);
    expect(connection.state).toBe('disconnected');
    isFaulty = false;
    await clock.advance(5_000);
    connection.opened();
    expect([connection.state, new Set(tries)]).toEqual(['connected', new Set(['one', 'two'])]);
  });

  it('a send that throws rejects the token, and the connection stays as it was', async () => {
    const { connection, push } = made({
      send: () => {
        throw new Error('a fault of the app');
      },
    });
    const answer = push('connection.open', 'one');
    connection.accepted();
    expect(await answer).toBe('accepted');
    expect(await push('connection.upgrade', 'two')).toBe(80003);
    expect(connection.state).toBe('connected');
  });

  it('a disposed connection rejects a push and refuses to connect', async () => {
    const { connection, push } = made();
    connection.dispose();
    expect(await push('connection.open', 'one')).toBe(80017);
    expect(() => connection.connect()).toThrow('disposed');
  });

  it.each([
    ['stack.open', () => reconnecting({ close: () => {} } as never)],
    ['stack.close', () => reconnecting({ open: () => {} } as never)],
    ['stack.send', () => reconnecting({ open: () => {}, close: () => {}, send: 1 } as never)],
    ['stack', () => reconnecting(1 as never)],
    [
      'refusalCodes',
      () => reconnecting({ open: () => {}, close: () => {} }, { refusalCodes: ['a'] as never }),
    ],
    ['clock', () => reconnecting({ open: () => {}, close: () => {} }, { clock: {} as never })],
    ['answerTimeoutMs', () => reconnecting({ open: () => {}, close: () => {} }, { answerTimeoutMs: 0 })],
  ])('an invalid %s is refused by name', (name, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 40003, message: expect.stringContaining(name) }));
  });
});
