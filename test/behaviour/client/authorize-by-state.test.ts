import { describe, expect, it } from 'vitest';
import { AuthorizeHarness, type Start } from '../../kit/authorize-harness.js';

const forbidden = { code: 40300, statusCode: 403, message: 'signed out' };
const down = { code: 50003, statusCode: 500, message: 'the source is down' };

/** The result of a case: how the call ends, and what the connection reports meanwhile. */
interface Row {
  readonly ends: 'with the new token' | number;
  readonly tells: readonly string[];
}

const anew = { ends: 'with the new token', tells: ['connecting', 'connected'] } as const;

/** A column of the table: what happens after `authorize()` was called, and the result for each state. */
type Column = Readonly<Record<Start, Row>>;

const states: readonly Start[] = [
  ...(['initialized', 'connecting', 'connecting for a token', 'connected', 'disconnected'] as const),
  ...(['suspended', 'closing', 'closed', 'failed'] as const),
];

/** The source returns a token, and the server accepts it. @see RTC8a–RTC8c */
const success: Column = {
  initialized: anew,
  connecting: { ends: 'with the new token', tells: ['connected'] },
  'connecting for a token': { ends: 'with the new token', tells: ['connected'] },
  connected: { ends: 'with the new token', tells: ['update'] },
  disconnected: anew,
  suspended: anew,
  closing: anew,
  closed: anew,
  failed: anew,
};

/** The source fails. @see RSA4c2, RSA4c3: the connection fails only if it needed this token */
const failure: Column = {
  initialized: { ends: 50003, tells: [] },
  connecting: { ends: 50003, tells: ['disconnected 80019'] },
  'connecting for a token': { ends: 50003, tells: ['disconnected 80019'] },
  connected: { ends: 50003, tells: [] },
  disconnected: { ends: 50003, tells: [] },
  suspended: { ends: 50003, tells: [] },
  closing: { ends: 50003, tells: [] },
  closed: { ends: 50003, tells: [] },
  failed: { ends: 50003, tells: [] },
};

/** The source answers 403. @see RSA4d */
const forbids: Column = {
  initialized: { ends: 40300, tells: ['failed 80019'] },
  connecting: { ends: 40300, tells: ['failed 80019'] },
  'connecting for a token': { ends: 40300, tells: ['failed 80019'] },
  connected: { ends: 40300, tells: ['failed 80019'] },
  disconnected: { ends: 40300, tells: ['failed 80019'] },
  suspended: { ends: 40300, tells: ['failed 80019'] },
  closing: { ends: 40300, tells: [] },
  closed: { ends: 40300, tells: [] },
  failed: { ends: 40300, tells: [] },
};

const again = {
  ends: 'with the new token',
  tells: ['connecting', 'disconnected 80003', 'connecting', 'connected'],
} as const;
const goesOn = {
  ends: 'with the new token',
  tells: ['disconnected 80003', 'connecting', 'connected'],
} as const;

/**
 * The transport breaks before the server's answer. @see RTC8b1: only SUSPENDED, FAILED and CLOSED end the
 * wait
 */
const drop: Column = {
  initialized: again,
  connecting: goesOn,
  'connecting for a token': goesOn,
  connected: goesOn,
  disconnected: again,
  suspended: { ends: 80003, tells: ['connecting', 'suspended 80003'] },
  closing: again,
  closed: again,
  failed: again,
};

/** The server does not answer within the time limit of the call. */
const timeout: Column = {
  initialized: { ends: 80014, tells: ['connecting', 'disconnected 80014'] },
  connecting: { ends: 80014, tells: ['disconnected 80014'] },
  'connecting for a token': { ends: 80014, tells: ['disconnected 80014'] },
  connected: { ends: 80014, tells: [] },
  disconnected: { ends: 80014, tells: ['connecting', 'disconnected 80014'] },
  suspended: { ends: 80014, tells: ['connecting', 'suspended 80014'] },
  closing: { ends: 80014, tells: ['connecting', 'disconnected 80014'] },
  closed: { ends: 80014, tells: ['connecting', 'disconnected 80014'] },
  failed: { ends: 80014, tells: ['connecting', 'disconnected 80014'] },
};

const closes = { ends: 80017, tells: ['closed'] } as const;

/** The user closes the connection while the source is asked: the connection is not opened again. */
const closedEarly: Column = {
  initialized: closes,
  connecting: closes,
  'connecting for a token': closes,
  connected: { ends: 80017, tells: ['closing', 'closed'] },
  disconnected: closes,
  suspended: closes,
  closing: { ends: 80017, tells: [] },
  closed: { ends: 80017, tells: [] },
  failed: closes,
};

const opensAndCloses = { ends: 80017, tells: ['connecting', 'closing', 'closed'] } as const;

/** The user closes the connection before the server's answer. */
const closedLate: Column = {
  initialized: opensAndCloses,
  connecting: { ends: 80017, tells: ['closing', 'closed'] },
  'connecting for a token': { ends: 80017, tells: ['closing', 'closed'] },
  connected: { ends: 80017, tells: ['closing', 'closed'] },
  disconnected: opensAndCloses,
  suspended: opensAndCloses,
  closing: opensAndCloses,
  closed: opensAndCloses,
  failed: opensAndCloses,
};

describe('authorize(), by the state of the connection', () => {
  const settle = async (one: AuthorizeHarness, { ends, tells }: Row, call = one.authorize()) => {
    await one.clock.advance(0);
    const given = `scripted-token-${one.source.given}`;
    expect(call.result).toMatchObject(ends === 'with the new token' ? { token: given } : { code: ends });
    expect(one.changes).toEqual(tells);
    if (ends === 'with the new token') {
      expect([one.server.tokens.at(-1), one.auth.tokenDetails?.token]).toEqual([given, given]);
      expect(one.connection.errorReason).toBeNull();
    }
  };
  const reach = (start: Start) => new AuthorizeHarness().reach(start);

  describe('authorize() when everything works', () => {
    it.each(states)('%s: authorize() resolves with the token that the server accepted', async (start) => {
      const one = await reach(start);
      const { id } = one.connection;
      await settle(one, success[start]);
      expect(one.server.live).toHaveLength(1);
      if (start === 'connected') expect([one.connection.id, one.server.lines.length]).toEqual([id, 1]);
    });
  });

  describe('authorize() when the source fails', () => {
    it.each(states)(
      '%s: authorize() rejects with the source’s error, and only the number of attempts changes',
      async (start) => {
        const one = await reach(start);
        const [held, state] = [one.auth.tokenDetails, one.connection.state];
        one.source.script({ fail: down });
        await settle(one, failure[start]);
        expect(one.auth.tokenDetails).toBe(held);
        if (!start.startsWith('connecting')) expect(one.connection.state).toBe(state);
        else
          expect(one.connection.errorReason).toMatchObject({
            code: 80019,
            statusCode: 401,
            cause: { code: 50003 },
          });
        await one.recovers();
      },
    );
  });

  describe('authorize() when the source answers 403', () => {
    it.each(states)('%s: authorize() rejects, and a connection that is not over fails', async (start) => {
      const one = await reach(start);
      one.source.script({ fail: forbidden });
      await settle(one, forbids[start]);
      if (forbids[start].tells.length > 0) {
        expect(one.connection.errorReason).toMatchObject({ statusCode: 403, cause: { code: 40300 } });
      }
      await one.recovers();
    });
  });

  describe('authorize() when the transport breaks before the answer', () => {
    it.each(states)('%s: authorize() waits until the connection is connected or suspended', async (start) => {
      const one = await reach(start);
      const { id } = one.connection;
      one.server.onOpen = 'silence';
      one.server.onAuth = 'silence';
      const call = one.authorize();
      await one.clock.advance(1);
      expect(call.result).toBe('waits');
      one.server.line.break();
      one.server.onOpen = 'accept';
      await one.clock.advance(5_000);
      await settle(one, drop[start], call);
      if (start === 'connected') expect(one.connection.id).toBe(id);
      await one.recovers();
    });
  });

  describe('authorize() when the server does not answer', () => {
    it.each(states)('%s: authorize() rejects in time', async (start) => {
      const one = await reach(start);
      const held = one.auth.tokenDetails;
      one.server.onOpen = 'silence';
      one.server.onAuth = 'silence';
      const call = one.authorize();
      await one.clock.advance(9_999);
      expect(call.result).toBe('waits');
      await one.clock.advance(1);
      await settle(one, timeout[start], call);
      expect(one.auth.tokenDetails).toBe(held);
      await one.recovers();
    });
  });

  describe('authorize() when the source does not answer', () => {
    it.each(states)('%s: authorize() rejects in time', async (start) => {
      const one = await reach(start);
      one.source.script('hang');
      const call = one.authorize();
      await one.clock.advance(10_000);
      expect(call.result).toMatchObject({ code: 40170 });
      await one.recovers();
    });
  });

  describe('authorize() when the user closes the connection during the source’s request', () => {
    it.each(states)(
      '%s: authorize() rejects at once, and the connection is not opened again',
      async (start) => {
        const one = await reach(start);
        one.server.onClose = 'closed';
        one.source.script('hang');
        const call = one.authorize();
        await one.clock.advance(1);
        one.connection.close();
        await one.clock.advance(0);
        await settle(one, closedEarly[start], call);
        const { lines } = one.server;
        const before = lines.length;
        await one.clock.advance(20_000);
        expect([lines.length - before, one.connection.state]).toEqual([0, 'closed']);
        await one.recovers();
      },
    );
  });

  describe('authorize() when the user closes the connection before the server’s answer', () => {
    it.each(states)('%s: authorize() rejects, and the connection stays closed', async (start) => {
      const one = await reach(start);
      one.server.onOpen = 'silence';
      one.server.onAuth = 'silence';
      one.server.onClose = 'closed';
      const call = one.authorize();
      await one.clock.advance(1);
      one.connection.close();
      if (one.connection.state === 'closing' && start !== 'connected') one.server.sayConnected();
      await one.clock.advance(0);
      await settle(one, closedLate[start], call);
      await one.clock.advance(20_000);
      expect(one.connection.state).toBe('closed');
      await one.recovers();
    });
  });

  describe('authorize() when it is called again with other arguments', () => {
    it.each(states)(
      '%s: both calls resolve with the newest token, and the older token is never used',
      async (start) => {
        const one = await reach(start);
        one.source.script({ late: 500 }, 'succeed');
        const before = one.server.tokens.length;
        const first = one.authorize({ ttl: 1_000_000 });
        await one.clock.advance(1);
        const second = one.authorize({ ttl: 2_000_000 });
        await one.clock.advance(1_000);
        const given = `scripted-token-${one.source.given}`;
        expect([first.result, second.result]).toEqual([{ token: given }, { token: given }]);
        expect(one.server.tokens.slice(before)).toEqual([given]);
        expect(one.connection.state).toBe('connected');
      },
    );

    it.each(states)(
      '%s: the server’s answer to the older token does not count for the newer one',
      async (start) => {
        const one = await reach(start);
        one.server.onOpen = 'silence';
        one.server.onAuth = 'silence';
        const first = one.authorize({ ttl: 1_000_000 });
        await one.clock.advance(1);
        one.server.onOpen = 'accept';
        const second = one.authorize({ ttl: 2_000_000 });
        await one.clock.advance(1);
        if (start === 'connected') {
          one.server.onAuth = 'accept';
          one.server.sayConnected();
          await one.clock.advance(0);
        }
        const given = `scripted-token-${one.source.given}`;
        expect([first.result, second.result]).toEqual([{ token: given }, { token: given }]);
        expect([one.server.tokens.at(-1), one.auth.tokenDetails?.token]).toEqual([given, given]);
      },
    );

    it.each(states)('%s: a call with equal arguments joins', async (start) => {
      const one = await reach(start);
      const calls = one.source.calls;
      const both = [one.authorize(), one.authorize()];
      await one.clock.advance(0);
      expect(one.source.calls - calls).toBe(1);
      expect(both[0]?.result).toEqual(both[1]?.result);
      expect(one.connection.state).toBe('connected');
    });
  });

  describe('authorize() when the server asks for a token meanwhile', () => {
    it.each(['connecting', 'connected'] as const)('%s: one token answers both', async (start) => {
      const one = await reach(start);
      const calls = one.source.calls;
      one.server.onOpen = 'silence';
      one.server.onAuth = 'silence';
      const call = one.authorize();
      await one.clock.advance(1);
      one.server.line.send({ action: 17 });
      await one.clock.advance(1);
      one.server.sayConnected();
      await settle(one, success[start], call);
      expect(one.source.calls - calls).toBe(1);
      expect(one.auths).toHaveLength(start === 'connected' ? 1 : 0);
    });
  });
});
