import { describe, expect, it } from 'vitest';
import { AuthorizeHarness } from '../../kit/authorize-harness.js';

const HOUR = 3_600_000;

/** A client that is connected, and has lost its transport: the server breaks each new one off. */
async function away(): Promise<AuthorizeHarness> {
  const one = new AuthorizeHarness();
  one.connection.connect();
  await one.clock.advance(0);
  one.server.onOpen = 'break';
  one.server.line.break();
  await one.clock.advance(3_000);
  if (one.connection.state !== 'disconnected') throw new Error(`it is ${one.connection.state}`);
  return one;
}

/** The tokens that transports were opened with since, each once. */
const since = ({ server }: AuthorizeHarness, count: number) => [...new Set(server.tokens.slice(count))];

describe('a connection that is away while the token is renewed', () => {
  it.each([
    ['disconnected', 30_000],
    ['suspended', 300_000],
  ])('%s: it comes back with the new token, at the first try', async (state, ms) => {
    const one = await away();
    await one.clock.advance(ms);
    expect(['connecting', state]).toContain(one.connection.state);
    await one.clock.advance(HOUR);
    const current = one.auth.tokenDetails?.token;
    expect(current).not.toBe('scripted-token-1');
    const { length } = one.server.tokens;
    one.server.onOpen = 'accept';
    await one.clock.advance(60_000);
    expect(one.connection.state).toBe('connected');
    expect(since(one, length)).toEqual([current]);
  });

  it('connecting: it is upgraded as soon as it is connected with the older one', async () => {
    const one = await away();
    one.server.onOpen = 'silence';
    one.connection.connect();
    await one.clock.advance(0);
    expect(one.connection.state).toBe('connecting');
    one.auth.actor.send({ type: 'token.asked' });
    await one.clock.advance(0);
    const current = one.auth.tokenDetails?.token;
    expect(current).toBe('scripted-token-2');
    one.server.sayConnected();
    await one.clock.advance(0);
    expect(one.connection.state).toBe('connected');
    expect(one.auths).toEqual([current]);
    expect(one.auth.state.value).toBe('authorized');
  });

  it('a token that died is not tried: the connection asks for one, and gets the next', async () => {
    const one = await away();
    one.source.goDown();
    await one.clock.advance(2 * HOUR);
    expect(one.auth.tokenDetails).toBeNull();
    const { length } = one.server.tokens;
    one.server.onOpen = 'accept';
    await one.clock.advance(60_000);
    expect(since(one, length)).toEqual([]);
    one.source.comeUp();
    await one.clock.advance(600_000);
    expect(one.connection.state).toBe('connected');
    expect(since(one, length)).toEqual([one.auth.tokenDetails?.token]);
  });

  it('a token that expires during a try is not tried again', async () => {
    const one = await away();
    one.source.goDown();
    await one.clock.advance(HOUR - 10_000);
    one.server.onOpen = 'silence';
    one.connection.connect();
    await one.clock.advance(8_000);
    expect([one.connection.state, one.auth.tokenDetails]).toEqual(['connecting', null]);
    const { length } = one.server.tokens;
    await one.clock.advance(5_000);
    one.server.onOpen = 'accept';
    await one.clock.advance(60_000);
    expect(since(one, length)).toEqual([]);
    one.source.comeUp();
    await one.clock.advance(600_000);
    expect(since(one, length)).toEqual([one.auth.tokenDetails?.token]);
  });

  it('after a sign-out no connection comes back with a token that came before', async () => {
    const one = await away();
    one.auth.forget();
    await one.clock.advance(HOUR);
    expect(one.connection.state).toBe('closed');
    expect(one.auth.tokenDetails).toBeNull();
  });
});
