import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type AuthCallbackAnswer, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { sourceError } from '../../../src/sources/source-error.js';
import { fakeConnection } from '../../../src/testing/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ablyError, json, MockHttp } from '../../uts/mock-http.js';

const HOUR = 3_600_000;
const refusal = () => new ErrorInfo({ code: 40142, statusCode: 401, message: 'refused by the test' });

type Asked = Pick<AuthCallbackAnswer, 'reason' | 'attempt'>;

/** A client whose source notes why it is asked, and gives what the test says. */
function setUp(options: Partial<ClientOptions> = {}) {
  const clock = new VirtualClock();
  const asked: Asked[] = [];
  let last: AuthCallbackAnswer | undefined;
  const self = {
    isDown: false,
    cached: undefined as string | undefined,
    clock,
    asked,
    get last() {
      if (last === undefined) throw new Error('nobody asked yet');
      return last;
    },
  };
  const connection = fakeConnection();
  const auth = new Auth({
    clock,
    random: () => 0,
    connection,
    authCallback: async (_params, answer) => {
      const { reason, attempt } = answer;
      last = answer;
      asked.push({ reason, attempt });
      if (self.isDown) throw new Error('down');
      return {
        token: self.cached ?? `token-${asked.length}`,
        issued: clock.now(),
        expires: clock.now() + HOUR,
      };
    },
    ...options,
  });
  onTestFinished(() => auth.dispose());
  return Object.assign(self, { auth, connection });
}

describe('why a source is asked', () => {
  it('first, renewal, refused, capability, authorize', async () => {
    const one = setUp();
    await one.auth.getToken();
    await one.clock.advance(HOUR);
    one.connection.report({ type: 'token.refused', error: refusal() });
    await settle();
    await one.auth.require({ 'chat:a': ['subscribe'] });
    const authorized = one.auth.authorize({ ttl: 5_000 });
    await one.clock.advance(0);
    await authorized;
    expect(one.asked.map(({ reason }) => reason)).toEqual([
      'first',
      'renewal',
      'refused',
      'capability',
      'authorize',
    ]);
  });

  it('tries in vain keep the reason, and are counted', async () => {
    const one = setUp();
    await one.auth.getToken();
    one.isDown = true;
    one.connection.report({ type: 'token.refused', error: refusal() });
    await one.clock.advance(40_000);
    one.isDown = false;
    await one.clock.advance(400_000);
    const [, ...tries] = one.asked;
    expect(tries.length).toBeGreaterThan(3);
    expect(tries).toEqual(tries.map((_try, index) => ({ reason: 'refused', attempt: index + 1 })));
  });

  it('a token that was given, a server that asks, and a user who signed out', async () => {
    const given = setUp({ token: { token: 'given', issued: 0, expires: HOUR } as never });
    given.auth.token$.subscribe();
    await given.clock.advance(0);
    given.connection.report({ type: 'token.asked' });
    await given.clock.advance(0);
    expect(given.asked).toEqual([{ reason: 'renewal', attempt: 1 }]);
    given.auth.forget();
    await given.auth.authorize();
    expect(given.asked.at(-1)).toEqual({ reason: 'authorize', attempt: 1 });
  });

  it('requestToken() asks by name', async () => {
    const one = setUp();
    await one.auth.requestToken();
    expect(one.asked).toEqual([{ reason: 'authorize', attempt: 1 }]);
  });
});

describe('a refused token that a source gives again', () => {
  it('isRefused() knows it, as text and as details, and the last eight', async () => {
    const one = setUp();
    await one.auth.getToken();
    for (let count = 0; count < 9; count += 1) {
      const { token } = await one.auth.getToken();
      expect(one.last.isRefused(token)).toBe(false);
      one.connection.report({ type: 'token.refused', error: refusal() });
      await one.clock.advance(400_000);
      expect([one.last.isRefused(token), one.last.isRefused({ token })]).toEqual([true, true]);
    }
    expect(one.last.isRefused('token-1')).toBe(false);
    for (const nonsense of [undefined, null, 7, {}, []])
      expect(one.last.isRefused(nonsense as never)).toBe(false);
  });

  it('is refused: the error names it, and says what to do', async () => {
    const one = setUp();
    one.cached = 'cached-token';
    await one.auth.getToken();
    one.connection.report({ type: 'token.refused', error: refusal() });
    await settle();
    expect(one.auth.tokenDetails).toBeNull();
    expect(one.auth.state).toMatchObject({ value: 'failed', final: false });
    expect(one.auth.error).toMatchObject({
      code: 40170,
      message: 'the token source returned a token that a server refused before',
      remediation: expect.stringContaining('isRefused') as string,
    });
    expect(String(one.auth.error)).not.toContain('cached-token');
  });

  it('for ever: the source is asked more and more slowly, and a new token ends that', async () => {
    const one = setUp();
    one.cached = 'cached-token';
    await one.auth.getToken();
    one.connection.report({ type: 'token.refused', error: refusal() });
    await one.clock.advance(3_000);
    expect(one.asked.length).toBeLessThanOrEqual(2);
    await one.clock.advance(HOUR);
    expect(one.asked.length).toBeLessThan(45);
    one.cached = undefined;
    await one.clock.advance(400_000);
    expect(one.auth.state.value).toBe('authorized');
  });

  it('is known where the service refused it, too', async () => {
    const http = new MockHttp(() => ablyError(40142, 401));
    const one = setUp({ fetch: http.fetch });
    one.cached = 'cached-token';
    await expect(one.auth.fetch('/channels/a/messages')).rejects.toMatchObject({ code: 40170 });
    expect(http.requests).toHaveLength(1);
  });

  it('is forgotten with the user', async () => {
    const http = new MockHttp(() => json([]));
    const one = setUp({ fetch: http.fetch });
    one.cached = 'cached-token';
    await one.auth.getToken();
    one.connection.report({ type: 'token.refused', error: refusal() });
    await settle();
    one.auth.forget();
    expect((await one.auth.authorize()).token).toBe('cached-token');
  });
});

it('a status of another type than a number is no reason, and the error that has it is the cause', () => {
  for (const status of [Symbol('s'), '503', {}, [503], { valueOf: () => Symbol('s') }])
    expect(sourceError({ status })).toMatchObject({ code: 40170, reason: 'source failed' });
  expect(sourceError({ status: 503 })).toMatchObject({ code: 40170, reason: 'server failed' });
});
