import { describe, expect, it, vi } from 'vitest';
import { ConnectionLink } from '../../../src/connection/link/connection-link.js';
import type { ConnectionAdapter, ConnectionReport, ConnectionState } from '../../../src/connection/port.js';
import { ErrorInfo } from '../../../src/errors/error-info.js';
import { Secret } from '../../../src/token/secret.js';
import type { TokenDetails } from '../../../src/token/token-details.js';

const token = (name: string, clientId?: string) =>
  new Secret({ token: name, ...(clientId === undefined ? {} : { clientId }) }, 'token');
const down = () => new ErrorInfo({ code: 40170, message: 'the source is down' });

/** A connection that only records what it receives. */
function setUp(
  state: ConnectionState,
  pushed: (type: string) => void = () => {},
  more: { readonly forget?: () => void; readonly halt?: undefined } = {},
  clientId?: string,
) {
  const told: string[] = [];
  const reports: ConnectionReport[] = [];
  let held: Secret<TokenDetails> | null = null;
  const ends: ((error?: ErrorInfo) => void)[] = [];
  const adapter = {
    state,
    push: (event: { readonly type: string }) => {
      told.push(event.type);
      return new Promise<void>((resolve, reject) =>
        ends.push((error) => (error === undefined ? resolve() : reject(error))),
      );
    },
    attach: () => () => {},
    halt: () => told.push('halt'),
    hurry: () => told.push('hurry'),
    ...more,
  };
  const log = vi.fn();
  const link = new ConnectionLink(
    adapter as ConnectionAdapter,
    { clientId, log },
    {
      pushed: ({ type }) => pushed(type),
      reported: (what) => reports.push(what),
      refused: () => told.push('refused'),
      needed: () => told.push('needed'),
      held: () => held,
      asked: () => undefined,
    },
    { state, detach: () => {} },
  );
  const report = (what: ConnectionReport) => link.take(what);
  const become = (next: ConnectionState) => {
    adapter.state = next;
    report({ type: 'connection.changed', state: next });
  };
  const hold = (one: Secret<TokenDetails>) => {
    held = one;
  };
  const { signal } = new AbortController();
  const present = (one: Secret<TokenDetails>, who?: string) =>
    link.present(one, who, { isToOpen: true, signal });
  return {
    link,
    log,
    told,
    reports,
    hold,
    become,
    present,
    report,
    answer: (error?: ErrorInfo) => ends.shift()?.(error),
  };
}

describe("the client's end of a connection", () => {
  it('the client pushes the next token to a connection whose attempt it halted without success', () => {
    const { link, told } = setUp('connecting');
    link.halt();
    link.delay(down());
    link.offer(token('next'));
    link.offer(token('one more'));
    expect(told).toEqual(['halt', 'connection.fail', 'connection.open']);
  });

  it('a connection without halt() that has no token yet gets the newer token, and no older one (RTC8b)', () => {
    const { link, told, report } = setUp('connecting', undefined, { halt: undefined });
    link.halt();
    report({ type: 'token.needed' });
    link.offer(token('older'));
    expect(told).toEqual([]);
    link.attemptFailed(down());
    expect(told).toEqual(['connection.fail']);
  });

  it('a connection without halt() that has a token continues with it', () => {
    const { link, told, report } = setUp('connecting', undefined, { halt: undefined });
    report({ type: 'token.needed' });
    link.offer(token('older'));
    link.halt();
    report({ type: 'token.needed' });
    link.offer(token('older'));
    expect(told).toEqual(['connection.open', 'connection.open']);
  });

  it('the client pushes no token to a connection that was closed while it waited', () => {
    const { link, told, become } = setUp('connecting');
    link.halt();
    link.delay(down());
    become('closed');
    link.offer(token('next'));
    expect(told).toEqual(['halt', 'connection.fail']);
  });

  it('the client expedites a connection that has not answered yet, and no other', async () => {
    const { link, told, present, answer } = setUp('connected');
    link.hurry();
    const presented = present(token('next'));
    link.hurry();
    answer();
    await presented;
    link.hurry();
    expect(told).toEqual(['connection.upgrade', 'hurry']);
  });

  it('the client does not expedite a connection that is being opened', () => {
    const { link, told, present } = setUp('connecting');
    present(token('next'));
    link.hurry();
    expect(told).toEqual(['connection.open']);
  });

  it('the client pushes no older token to a connection that waits for a newer one (RTC8b)', () => {
    const { link, told, report } = setUp('connecting');
    report({ type: 'token.needed' });
    link.halt();
    link.offer(token('older'));
    expect(told).toEqual(['halt']);
  });

  it('the client pushes no older token to a connection that is being opened with a newer one', () => {
    const { link, told, present, report } = setUp('connecting');
    report({ type: 'token.needed' });
    present(token('newer'));
    link.offer(token('older'));
    expect(told).toEqual(['connection.open']);
  });

  it('the client pushes the next token at once to a connection whose opening failed', async () => {
    const { link, told, present, report, answer } = setUp('connecting');
    const presented = present(token('first'));
    report({ type: 'token.refused', error: down() });
    answer(down());
    await expect(presented).rejects.toMatchObject({ code: 40170 });
    link.delay(down());
    link.offer(token('next'));
    expect(told).toEqual(['connection.open', 'connection.open']);
  });

  it('the client replaces a connection of another identity, even if it is down', () => {
    const { link, told, become, report } = setUp('connected');
    report({ type: 'identity.confirmed', clientId: 'ada' });
    become('disconnected');
    report({ type: 'token.needed' });
    link.offer(token('of ada', 'ada'));
    report({ type: 'token.needed' });
    link.offer(token('of bob', 'bob'));
    report({ type: 'token.needed' });
    link.offer(token('of bob, again', 'bob'));
    report({ type: 'token.needed' });
    link.offer(token('that does not say'));
    expect(told).toEqual(['connection.open', 'connection.replace', 'connection.open', 'connection.open']);
  });

  it.each(['connecting', 'disconnected', 'suspended'] as const)(
    'authorize() for another client replaces a connection of another identity that is %s',
    (state) => {
      const { told, present, report } = setUp(state);
      report({ type: 'identity.confirmed', clientId: 'ada' });
      present(token('that does not say'), 'bob');
      expect(told).toEqual(['connection.replace']);
    },
  );

  it.each([
    ['connecting', ['connection.replace']],
    ['disconnected', ['connection.replace']],
    ['suspended', ['connection.replace']],
    ['connected', []],
    ['closed', []],
    ['failed', []],
    ['initialized', []],
  ] as const)(
    'a connection of another identity that is %s does not reconnect by itself',
    (state, expected) => {
      const { link, told, report } = setUp(state);
      report({ type: 'identity.confirmed', clientId: 'ada' });
      link.offer(token('of ada', 'ada'));
      link.offer(token('of bob', 'bob'));
      expect(told).toEqual(expected);
    },
  );

  it('the client makes an error for a report without one', () => {
    const { report, reports } = setUp('connected');
    report({ type: 'token.refused' } as ConnectionReport);
    expect(reports).toEqual([{ type: 'token.refused', error: expect.objectContaining({ code: 40142 }) }]);
  });

  it('the client does not open a connection that was closed after the token was requested (RTC8b1)', async () => {
    const { link, told, become, present } = setUp('initialized');
    link.begin();
    become('closed');
    await expect(present(token('next'))).rejects.toMatchObject({ code: 80017 });
    link.begin();
    present(token('next'));
    expect(told).toEqual(['connection.open']);
  });

  it('the client does not open a connection that a listener closes', async () => {
    const { link, told, become, present } = setUp('initialized', () => become('closed'));
    link.begin();
    await expect(present(token('next'))).rejects.toMatchObject({ code: 80017 });
    expect(told).toEqual([]);
  });

  it('the client redacts the token in an error of an adapter', async () => {
    const { present, report, answer, reports } = setUp('connected');
    const spill = () => new ErrorInfo({ code: 40142, message: 'no: xVLyHw.A2kzn4LnT9q0wzBv3Jq7Rr8s' });
    const presented = present(token('xVLyHw.A2kzn4LnT9q0wzBv3Jq7Rr8s'));
    answer(spill());
    await expect(presented).rejects.toMatchObject({ code: 40142, message: 'no: […]' });
    report({ type: 'token.refused', error: spill() });
    report({ type: 'connection.changed', state: 'disconnected', reason: spill() });
    expect(JSON.stringify(reports)).not.toContain('xVLyHw');
    expect(reports).toHaveLength(2);
  });

  it('a clientId that the server confirms differently does not count as another identity', async () => {
    const { told, present, report, answer } = setUp('connected');
    for (const name of ['first', 'second']) {
      const presented = present(token(name), 'ada');
      answer();
      await presented;
      report({ type: 'identity.confirmed', clientId: 'user-17' });
    }
    present(token('third'), 'grace');
    expect(told).toEqual(['connection.upgrade', 'connection.upgrade', 'connection.replace']);
  });

  it('the client replaces a refused token, whatever object it came in', async () => {
    const { told, present, report, answer, hold } = setUp('connected');
    const presented = present(token('the same'));
    answer();
    await presented;
    hold(token('the same'));
    report({ type: 'token.refused', error: down() });
    expect(told).toEqual(['connection.upgrade', 'refused']);
  });

  it('the client does not mistake a close that forget() caused for a close by the user', async () => {
    const { link, told, become, present } = setUp('connected', undefined, { forget: () => {} });
    link.forget(down());
    link.begin();
    become('closing');
    become('closed');
    present(token('of the next'));
    expect(told).toEqual(['connection.open']);
  });

  it('a connection that reconnected with a forgotten token is told that there is none, and gets the next one', () => {
    const { link, told, become, report } = setUp('closed', undefined, { forget: () => {} });
    link.forget(down());
    become('connecting');
    report({ type: 'token.refused', error: down() });
    link.offer(token('next'));
    expect(told).toEqual(['connection.fail', 'connection.open']);
  });

  it('the client continues when an adapter throws in a notification', () => {
    const forget = () => {
      throw new Error('by the adapter');
    };
    const { link, log } = setUp('connected', undefined, { forget });
    expect(() => link.forget(down())).not.toThrow();
    expect(log.mock.calls).toEqual([[expect.stringContaining('Error: by the adapter'), 'error']]);
  });

  it('a connection whose opening failed gets the current token, or asks for one if there is none', async () => {
    const { link, told, present, report, hold, answer } = setUp('connecting');
    const presented = present(token('refused'), undefined);
    report({ type: 'token.refused', error: down() });
    answer(down());
    await expect(presented).rejects.toMatchObject({ code: 40170 });
    link.attemptFailed(down());
    expect(told).toEqual(['connection.open', 'needed']);
    hold(token('in use'));
    link.attemptFailed(down());
    link.attemptFailed(down());
    expect(told).toEqual(['connection.open', 'needed', 'connection.open']);
  });

  it('the client requests no token for a connection that was told that there is none for now', () => {
    const { link, told, report } = setUp('connecting');
    report({ type: 'token.needed' });
    link.attemptFailed(down());
    expect(told).toEqual(['connection.fail']);
  });

  it('the client drops what it waited for before a listener of the end can ask again', () => {
    const { link, told, report } = setUp('connected', undefined, {
      forget: () => report({ type: 'token.needed' }),
    });
    link.forget(down());
    link.offer(token('of the next'));
    expect(told).toEqual(['connection.open']);
  });

  it('a close by the user counts as such after a forget() that only failed the connection', async () => {
    const { link, become, present } = setUp('connected');
    link.forget(down());
    become('failed');
    link.begin();
    become('closed');
    await expect(present(token('next'))).rejects.toMatchObject({ code: 80017 });
  });

  it('the client pushes no token that a listener has forgotten', async () => {
    const hears: (() => void)[] = [];
    const { link, told, present } = setUp('initialized', () => hears.shift()?.());
    hears.push(() => link.forget(down()));
    await expect(present(token('forgotten'))).rejects.toMatchObject({ code: 80017 });
    expect(told).toEqual([]);
  });

  it('the client pushes no token that replaced another while listeners were called', async () => {
    const hears: (() => void)[] = [];
    const { link, told, present, report } = setUp('connecting', () => hears.shift()?.());
    report({ type: 'token.needed' });
    hears.push(() => void present(token('newer')));
    link.offer(token('older'));
    expect(told).toEqual(['connection.open']);
  });

  it('the client knows that the connection has a token that it accepted too late', async () => {
    const { link, told, report, answer, hold } = setUp('connected');
    const abort = new AbortController();
    const presented = link.present(token('late'), undefined, { isToOpen: false, signal: abort.signal });
    abort.abort();
    await expect(presented).rejects.toMatchObject({ name: 'AbortError' });
    answer();
    await Promise.resolve();
    hold(token('in use'));
    report({ type: 'token.refused', error: down() });
    // Another token than the current one was refused, so the connection gets the current one.
    expect(told).toEqual(['connection.upgrade', 'connection.open']);
  });

  it('the client presents no token without a pending caller', async () => {
    const { link, told } = setUp('connected');
    const signal = AbortSignal.abort();
    await expect(link.present(token('late'), undefined, { isToOpen: false, signal })).rejects.toBe(
      signal.reason,
    );
    expect(told).toEqual([]);
  });

  it('a late close after two calls of forget() does not count as a close by the user', () => {
    const { link, told, become, present } = setUp('connected', undefined, { forget: () => {} });
    link.forget(down());
    link.begin();
    become('connecting');
    link.forget(down());
    become('closing');
    link.forget(down());
    become('closed');
    present(token('of the next'));
    expect(told).toEqual(['connection.open']);
  });

  it('the client does not count a report of a connection as its own event', () => {
    const { link, log, told, report, reports } = setUp('connecting');
    for (const type of ['client.disposed', 'acquisition.begun', 'token.forgotten', '__proto__']) {
      report({ type, error: down(), isAble: true, state: 'connected' } as never);
    }
    report({ type: 'token.needed' });
    link.offer(token('next'));
    expect([told, reports]).toEqual([['connection.open'], [{ type: 'token.needed' }]]);
    // An invalid report is logged once.
    expect(log.mock.calls).toEqual([
      ['the connection adapter reported a value that is not a ConnectionReport', 'warn'],
    ]);
  });

  it('a disposed client receives no reports and presents no token', async () => {
    const { link, told, reports, report, present } = setUp('connected');
    const presented = present(token('first'));
    link.dispose();
    await expect(presented).rejects.toMatchObject({ code: 80017 });
    await expect(present(token('second'))).rejects.toMatchObject({ code: 80017 });
    report({ type: 'token.needed' });
    link.offer(token('third'));
    expect([told, reports]).toEqual([['connection.upgrade'], []]);
  });

  it('a presented token belongs to the connection from its acceptance until the client has committed it', async () => {
    const { link, present, report, answer } = setUp('connected');
    report({ type: 'token.accepted' });
    expect(link.accepted).toBe(null);
    const next = token('next');
    const presented = present(next);
    expect(link.accepted).toBe(null);
    report({ type: 'token.accepted' });
    report({ type: 'identity.confirmed', clientId: null });
    answer();
    await presented;
    expect(link.accepted).toBe(next);
    link.offer(next);
    expect(link.accepted).toBe(null);
  });

  it.each<[what: string, act: (one: ReturnType<typeof setUp>) => void]>([
    ['is refused after all', ({ answer }) => answer(down())],
    ['is for somebody else', ({ report }) => report({ type: 'identity.confirmed', clientId: 'bob' })],
    ['is forgotten', ({ link }) => link.forget(down())],
    ['is to be replaced by a newer one', ({ link }) => link.halt()],
    ['is of a client that is disposed of', ({ link }) => link.dispose()],
  ])('the connection loses its accepted token when it is %s', async (_what, act) => {
    const one = setUp('connected', undefined, {}, 'ada');
    one.present(token('next')).catch(() => {});
    one.report({ type: 'token.accepted' });
    expect(one.link.accepted).not.toBe(null);
    act(one);
    await Promise.resolve();
    expect(one.link.accepted).toBe(null);
  });

  it.each<[what: string, act: (link: ConnectionLink) => void]>([
    ['a try that failed', (link) => link.attemptFailed(down())],
    ['a delay', (link) => link.delay(down())],
    ['a final failure', (link) => link.fail(down())],
    ['another acquisition', (link) => link.begin()],
  ])(
    'the connection loses an accepted token that the client does not commit after %s',
    async (_what, act) => {
      const { link, present, report, answer } = setUp('connected');
      const presented = present(token('next'));
      report({ type: 'token.accepted' });
      answer();
      await presented;
      act(link);
      expect(link.accepted).toBe(null);
    },
  );

  it('a token counts as accepted only after it was pushed', () => {
    const one = setUp('connected', () => one.report({ type: 'token.accepted' }));
    one.present(token('next'));
    expect(one.link.accepted).toBe(null);
    one.report({ type: 'token.accepted' });
    expect(one.link.accepted).not.toBe(null);
  });

  it('a token for any client does not count as a token for another client', async () => {
    const { told, present, report, answer } = setUp('connected');
    report({ type: 'identity.confirmed', clientId: 'ada' });
    for (const who of ['*', '*', 'ada', 'bob']) {
      const presented = present(token(`for ${who}`, who));
      answer();
      await presented;
    }
    expect(told).toEqual([
      'connection.upgrade',
      'connection.upgrade',
      'connection.upgrade',
      'connection.replace',
    ]);
  });
});
