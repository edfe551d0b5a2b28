import { describe, expect, it } from 'vitest';
import { AblyJsHarness, until } from './ably-js-harness.js';

/**
 * The Auth's token at each `update` of the SDK, for each kind of listener. The harness's listener is called
 * before the Auth's.
 */
function tokensAtUpdates(one: AblyJsHarness) {
  const tokens = { beforeTheAuth: one.tokens, afterTheAuth: [] as string[], ofUpdates: [] as string[] };
  const now = () => one.auth.tokenDetails?.token ?? '';
  one.tokens.length = 0;
  one.client.connection.on(() => tokens.afterTheAuth.push(now()));
  one.client.connection.on('update', () => tokens.ofUpdates.push(now()));
  return tokens;
}

describe('an event of the official SDK, behind an Auth', () => {
  it('a listener finds the new token at the Auth when authorize() has it accepted', async () => {
    const one = await AblyJsHarness.connected();
    const before = one.auth.tokenDetails?.token;
    const tokens = tokensAtUpdates(one);
    const { token } = await one.auth.authorize();
    await one.quiet();
    expect(token).not.toBe(before);
    expect(one.states).toEqual(['update']);
    expect(tokens).toEqual({ beforeTheAuth: [token], afterTheAuth: [token], ofUpdates: [token] });
  });

  it('a listener finds the new token at the Auth when a renewal has it accepted', async () => {
    const one = await AblyJsHarness.connected();
    const before = one.auth.tokenDetails?.token;
    const tokens = tokensAtUpdates(one);
    // To the renewal, and no further: the SDK's answer takes real time, and the Auth would give up its push.
    await one.clock.advance((one.auth.state.next?.at ?? 0) - one.clock.now());
    await until(() => one.states.length > 0);
    await one.quiet();
    const token = one.auth.tokenDetails?.token;
    expect(token).not.toBe(before);
    expect(one.states).toEqual(['update']);
    expect(tokens).toEqual({ beforeTheAuth: [token], afterTheAuth: [token], ofUpdates: [token] });
  });

  it('a listener finds the first token at the Auth when the SDK is connected with it', async () => {
    const one = await AblyJsHarness.start();
    await one.client.connection.whenState('connected');
    await one.quiet();
    const token = one.auth.tokenDetails?.token;
    expect(token).toEqual(expect.any(String));
    expect([one.states.at(-1), one.tokens.at(-1)]).toEqual(['connected', token]);
  });

  it('getToken() in a listener resolves with the new token', async () => {
    const one = await AblyJsHarness.connected();
    const got: Promise<string>[] = [];
    one.client.connection.on('update', () => got.push(one.auth.getToken().then(({ token }) => token)));
    const { token } = await one.auth.authorize();
    expect(await Promise.all(got)).toEqual([token]);
  });

  it('a sign-out in a listener leaves no token at the Auth', async () => {
    const one = await AblyJsHarness.connected();
    one.client.connection.once('update', () => one.auth.forget());
    await one.authorize();
    await one.quiet();
    expect([one.auth.tokenDetails, one.state]).toEqual([null, 'closed']);
  });
});
