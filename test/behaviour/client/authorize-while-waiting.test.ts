import { describe, expect, it } from 'vitest';
import { AuthorizeHarness, type Call } from '../../kit/authorize-harness.js';
import { tokenExpired, wireError } from '../../kit/connection-server.js';

type Happening = (one: AuthorizeHarness) => void | Promise<void>;

interface Row {
  readonly what: string;
  readonly happens: Happening;
  /** The result of the call. */
  readonly ends: 'with the new token' | 'with the next token' | 'waits' | number;
  readonly tells: readonly string[];
  readonly state: string;
}

const refuse =
  (error: ReturnType<typeof wireError>): Happening =>
  ({ server }) => {
    server.line.send({ action: 9, error });
    server.line.break(1000);
  };

/** What happens after AUTH was sent. @see RTC8a1–RTC8a3, RTN15h, RTN15j, RTN24, RTL14 */
const authenticating: readonly Row[] = [
  {
    what: 'CONNECTED',
    happens: ({ server }) => server.sayConnected(),
    ends: 'with the new token',
    tells: ['update'],
    state: 'connected',
  },
  {
    what: 'CONNECTED with an error',
    happens: ({ server }) => server.sayConnected(server.line, { error: wireError(40160) }),
    ends: 'with the new token',
    tells: ['update 40160'],
    state: 'connected',
  },
  {
    what: 'CONNECTED for somebody else',
    happens: ({ server }) => {
      server.details = { clientId: 'bob' };
      server.sayConnected();
    },
    ends: 40102,
    tells: ['failed 40102'],
    state: 'failed',
  },
  {
    what: 'ERROR',
    happens: refuse(wireError(40012, 400)),
    ends: 40012,
    tells: ['failed 40012'],
    state: 'failed',
  },
  {
    what: 'ERROR that says nothing',
    happens: ({ server }) => server.line.send({ action: 9 }),
    ends: 80003,
    tells: ['failed 80003'],
    state: 'failed',
  },
  {
    what: 'ERROR that refuses the token as a token: the one before is used',
    happens: refuse(tokenExpired),
    ends: 40142,
    tells: ['disconnected 40142', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'ERROR of a channel, which is no answer',
    happens: ({ server }) => server.line.send({ action: 9, channel: 'chat', error: wireError(40160) }),
    ends: 'waits',
    tells: [],
    state: 'connected',
  },
  {
    what: 'DISCONNECTED',
    happens: ({ server }) => server.line.send({ action: 6, error: wireError(80003, 503) }),
    ends: 'with the new token',
    tells: ['disconnected 80003', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'DISCONNECTED because the token before died: the new one is tried',
    happens: ({ server }) => server.line.send({ action: 6, error: tokenExpired }),
    ends: 'with the new token',
    tells: ['disconnected 40142', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'the end of the transport',
    happens: ({ server }) => server.line.break(),
    ends: 'with the new token',
    tells: ['disconnected 80003', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'the end of the transport, and then ERROR',
    happens: ({ server }) => {
      server.onOpen = wireError(40101);
      server.line.break();
    },
    ends: 40101,
    tells: ['disconnected 80003', 'connecting', 'failed 40101'],
    state: 'failed',
  },
  {
    what: 'AUTH, which one token answers as well',
    happens: ({ server }) => {
      server.line.send({ action: 17 });
      server.sayConnected();
    },
    ends: 'with the new token',
    tells: ['update'],
    state: 'connected',
  },
  {
    what: 'nothing, for as long as it may take',
    happens: ({ clock }) => clock.advance(10_000),
    ends: 80014,
    tells: [],
    state: 'connected',
  },
  {
    what: 'close()',
    happens: ({ connection }) => connection.close(),
    ends: 80017,
    tells: ['closing', 'closed'],
    state: 'closed',
  },
  {
    what: 'CLOSED, which was not asked for',
    happens: ({ server }) => server.line.send({ action: 8 }),
    ends: 'waits',
    tells: [],
    state: 'connected',
  },
];

/** What happens after the transport was opened. @see RTC8b1, RTN14 */
const connecting: readonly Row[] = [
  {
    what: 'CONNECTED',
    happens: ({ server }) => server.sayConnected(),
    ends: 'with the new token',
    tells: ['connected'],
    state: 'connected',
  },
  {
    what: 'CONNECTED for somebody else',
    happens: ({ server }) => {
      server.details = { clientId: 'bob' };
      server.sayConnected();
    },
    ends: 40102,
    tells: ['failed 40102'],
    state: 'failed',
  },
  {
    what: 'ERROR',
    happens: refuse(wireError(40101)),
    ends: 40101,
    tells: ['failed 40101'],
    state: 'failed',
  },
  {
    what: 'ERROR that refuses the token as a token: the stored terms serve the connection',
    happens: refuse(tokenExpired),
    ends: 40142,
    tells: ['connected'],
    state: 'connected',
  },
  {
    what: 'DISCONNECTED, and a second try',
    happens: async ({ clock, server }) => {
      server.line.send({ action: 6, error: wireError(80003, 503) });
      await clock.advance(2_000);
    },
    ends: 'with the new token',
    tells: ['disconnected 80003', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'the end of the transport, and a second try',
    happens: async ({ clock, server }) => {
      server.line.break();
      await clock.advance(2_000);
    },
    ends: 'with the new token',
    tells: ['disconnected 80003', 'connecting', 'connected'],
    state: 'connected',
  },
  {
    what: 'nothing, for as long as it may take',
    happens: ({ clock }) => clock.advance(10_000),
    ends: 80014,
    tells: ['disconnected 80014'],
    state: 'disconnected',
  },
  {
    what: 'close(), and CONNECTED after all',
    happens: ({ connection, server }) => {
      connection.close();
      server.sayConnected();
    },
    ends: 80017,
    tells: ['closing', 'closed'],
    state: 'closed',
  },
  {
    what: 'close(), and the end of the transport',
    happens: ({ connection, server }) => {
      connection.close();
      server.line.break();
    },
    ends: 80017,
    tells: ['closing', 'closed'],
    state: 'closed',
  },
];

const check = async (one: AuthorizeHarness, call: Call, { ends, happens, state, tells }: Row) => {
  const given = `scripted-token-${one.source.given}`;
  one.server.onOpen = 'accept';
  await happens(one);
  await one.clock.advance(0);
  if (ends === 'waits') expect(call.result).toBe('waits');
  else expect(call.result).toMatchObject(typeof ends === 'number' ? { code: ends } : { token: given });
  expect(one.changes).toEqual(tells);
  expect(one.connection.state).toBe(state);
  // A token that the server did not accept is never the current one.
  if (ends === 'with the new token') expect(one.auth.tokenDetails?.token).toBe(given);
  else expect(one.auth.tokenDetails?.token).not.toBe(given);
};

describe('authorize() while it waits for the answer to AUTH', () => {
  it.each(authenticating)('$what', async (row) => {
    const one = await new AuthorizeHarness({ clientId: 'ada' }).reach('connected');
    one.server.onAuth = 'silence';
    const call = one.authorize();
    await one.clock.advance(1);
    expect([call.result, one.auths.length]).toEqual(['waits', 1]);
    await check(one, call, row);
  });

  it.each(authenticating.filter(({ ends }) => ends !== 'waits'))(
    '$what: the next authorize() works',
    async (row) => {
      const one = await new AuthorizeHarness({ clientId: 'ada' }).reach('connected');
      one.server.onAuth = 'silence';
      one.authorize();
      await one.clock.advance(1);
      one.server.onOpen = 'accept';
      await row.happens(one);
      await one.clock.advance(1);
      await one.recovers();
    },
  );
});

describe('authorize() while it waits for a connection', () => {
  it.each(connecting)('$what', async (row) => {
    const one = await new AuthorizeHarness({ clientId: 'ada' }).reach('connecting');
    one.server.onOpen = 'silence';
    const call = one.authorize();
    await one.clock.advance(1);
    expect(call.result).toBe('waits');
    await check(one, call, row);
  });

  it.each(connecting)('$what: the next authorize() works', async (row) => {
    const one = await new AuthorizeHarness({ clientId: 'ada' }).reach('connecting');
    one.server.onOpen = 'silence';
    one.authorize();
    await one.clock.advance(1);
    one.server.onOpen = 'accept';
    await row.happens(one);
    await one.clock.advance(1);
    await one.recovers();
  });

  it('authorize() rejects with the reason of the suspension when the connection is suspended', async () => {
    const one = await new AuthorizeHarness({ realtimeRequestTimeout: 200_000 }).reach('connecting');
    one.server.onOpen = 'break';
    const call = one.authorize();
    await one.clock.advance(119_999);
    expect(call.result).toBe('waits');
    await one.clock.advance(1);
    expect([call.result, one.connection.state]).toEqual([
      expect.objectContaining({ code: 80003 }),
      'suspended',
    ]);
    await one.recovers();
  });
});
