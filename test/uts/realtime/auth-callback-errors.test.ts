import { describe, expect } from 'vitest';
import type { AuthCallback } from '../../../src/index.js';
import { contradictedCase, utsCase } from '../case.js';
import { MockHttp } from '../mock-http.js';
import { AUTH, ablyError, counting, HOUR, mocked } from './mocked.js';

type Options = Parameters<typeof mocked>[0];
type Mocked = ReturnType<typeof mocked>;

/** A connecting connection that has asked for its token. */
async function connecting(options: Options): Promise<Mocked> {
  const one = mocked(options);
  one.connection.connect();
  await one.clock.advance(0);
  return one;
}

/** A live connection whose server has asked for another token. */
async function askedAgain(options: Options): Promise<Mocked> {
  const one = mocked(options);
  await one.connected();
  one.server.line.send({ action: AUTH });
  await one.clock.advance(0);
  return one;
}

/** The reason of the connection is a missing token, with its cause. */
function expectReason({ connection }: Mocked, code: number, statusCode = 401): void {
  expect(connection.errorReason).toMatchObject({ code: 80019, statusCode, cause: { code } });
}

const expectNothingSaid = ({ connection, changes }: Mocked): void =>
  expect([connection.state, changes, connection.errorReason]).toEqual(['connected', [], null]);

describe('errors of an authCallback', () => {
  utsCase(
    'realtime/unit/RSA4c2/callback-error-connecting-disconnected-0',
    'disconnect a connection that is being made, with 80019 and the cause',
    async () => {
      const one = await connecting({ authCallback: counting({ 1: ablyError(50000, 500) }) });
      expect(one.connection.state).toBe('disconnected');
      const error = { code: 80019, statusCode: 401, cause: { code: 50000 } };
      expect(one.connection.errorReason).toMatchObject(error);
      expect(one.changes.find(({ current }) => current === 'disconnected')?.reason).toMatchObject(error);
      await one.clock.advance(HOUR / 60);
      expect(one.connection.state).toBe('connected');
    },
  );

  utsCase(
    'realtime/unit/RSA4c2/callback-timeout-connecting-disconnected-1',
    'are those of one that never answers, too',
    async () => {
      const one = mocked({ authCallback: () => new Promise(() => {}), realtimeRequestTimeout: 10_000 });
      one.connection.connect();
      await one.clock.advance(11_000);
      expect(one.connection.state).toBe('disconnected');
      expectReason(one, 40170);
    },
  );

  utsCase(
    'realtime/unit/RSA4c3/callback-error-connected-stays-0',
    'leave a live connection as it is, without a word',
    async () => {
      const authCallback = counting({ 2: ablyError(50000, 500) });
      const one = await askedAgain({ authCallback });
      expect(authCallback).toHaveBeenCalledTimes(2);
      expectNothingSaid(one);
      expect(one.auth.error).toMatchObject({ code: 50000 });
    },
  );

  utsCase(
    'realtime/unit/RSA4d/callback-403-connecting-failed-0',
    'with status 403 fail a connection that is being made, and no transport is opened',
    async () => {
      const one = mocked({ authCallback: counting({ 1: ablyError(40300, 403) }) });
      one.connection.connect();
      await one.clock.advance(HOUR);
      const error = { code: 80019, statusCode: 403, cause: { code: 40300, statusCode: 403 } };
      expect(one.states()).toEqual(['connecting', 'failed']);
      expect(one.changes.at(-1)?.reason).toMatchObject(error);
      expect(one.connection.errorReason).toMatchObject(error);
      expect(one.server.lines).toEqual([]);
    },
  );

  utsCase(
    'realtime/unit/RSA4d/callback-403-reauth-failed-1',
    'with status 403 fail a live connection that is asked for a token',
    async () => {
      const one = await askedAgain({ authCallback: counting({ 2: ablyError(40300, 403) }) });
      expect(one.states()).toEqual(['failed']);
      expectReason(one, 40300, 403);
    },
  );

  utsCase(
    'realtime/unit/RSA4f/callback-invalid-type-format-0',
    'are those of one that answers with a number, too',
    async () => {
      const one = await connecting({ authCallback: (() => 12345) as unknown as AuthCallback });
      expect(one.connection.state).toBe('disconnected');
      expect(one.connection.errorReason).toMatchObject({ code: 80019, statusCode: 401 });
      expect(one.server.lines).toEqual([]);
    },
  );

  utsCase(
    'realtime/unit/RSA4f/callback-oversized-token-format-1',
    'are those of one that answers with more than 128 KiB, too',
    async () => {
      const one = await connecting({ authCallback: async () => 'x'.repeat(131_073) });
      expect(one.connection.state).toBe('disconnected');
      expect(one.connection.errorReason).toMatchObject({ code: 80019, statusCode: 401 });
      expect(one.server.lines).toEqual([]);
    },
  );

  utsCase(
    'realtime/unit/RSA4e/rest-callback-error-40170-0',
    'that are none of Ably’s fail a request with 40170',
    async () => {
      const http = new MockHttp(() => new Error('no request was expected'));
      const authCallback = counting({ 1: new Error('Network failure connecting to auth server') });
      const { auth } = mocked({ authCallback, fetch: http.fetch });
      const error = await auth.fetch('/channels/test').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 40170, statusCode: 401 });
      expect((error as Error).message).not.toBe('');
    },
  );
});

describe('errors of an authCallback, by the older tests', () => {
  utsCase(
    'realtime/unit/RSA4c2/callback-error-causes-disconnected-0',
    'disconnect a connection that is being made, with 80019 and the cause',
    async () => {
      const one = await connecting({
        authCallback: counting({ 1: ablyError(50000, 500, 'Auth server unavailable') }),
      });
      expect(one.states()).toEqual(['connecting', 'disconnected']);
      expectReason(one, 50000);
    },
  );

  contradictedCase(
    'realtime/unit/RSA4c3/callback-error-stays-connected-0',
    'leave the errorReason of a live connection null, for nothing is wrong with it: the client has the error',
    async () => {
      const one = mocked({ authCallback: counting({ 2: ablyError(50000, 500) }) });
      const failures: unknown[] = [];
      one.auth.on('renewal.failed', ({ error }) => failures.push(error.code));
      await one.connected();
      one.server.line.send({ action: AUTH });
      await one.clock.advance(0);
      expectNothingSaid(one);
      expect([one.auth.error?.code, failures]).toEqual([50000, [50000]]);
    },
  );

  utsCase('realtime/unit/RSA4d/callback-403-causes-failed-0', 'with status 403 fail it', async () => {
    const one = await connecting({
      authCallback: counting({ 1: ablyError(40300, 403, 'Account disabled') }),
    });
    expect(one.connection.state).toBe('failed');
    expectReason(one, 40300, 403);
  });

  utsCase(
    'realtime/unit/RSA4d/callback-403-reauth-causes-failed-1',
    'with status 403 fail it when the server asked for a token',
    async () => {
      const one = await askedAgain({
        authCallback: counting({ 2: ablyError(40300, 403, 'Account suspended') }),
      });
      expect(one.connection.state).toBe('failed');
      expectReason(one, 40300, 403);
    },
  );
});
