import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth } from '../../../src/index.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

function setUp() {
  const clock = new VirtualClock();
  const source = scriptedSource(clock, { ttl: 60_000 });
  const auth = new Auth({ clock, random: () => 0, authCallback: source.authCallback });
  onTestFinished(() => auth.dispose());
  return { auth, clock, source };
}

describe('auth.once()', () => {
  it('once() resolves with the payload of the next event, once', async () => {
    const { auth } = setUp();
    const first = auth.once('authorized');
    await auth.authorize();
    expect(await first).toMatchObject({ expires: expect.any(Number) as number });
    const renewed = auth.once('renewed');
    await auth.authorize();
    expect(await renewed).not.toHaveProperty('token');
  });

  it('once() ends with its signal, and leaves no listener', async () => {
    const { auth } = setUp();
    const controller = new AbortController();
    const waiting = expect(auth.once('failed', { signal: controller.signal })).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await waiting;
    await expect(auth.once('failed', { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('once() rejects when the client is disposed of, and afterwards', async () => {
    const { auth } = setUp();
    const waiting = expect(auth.once('authorized')).rejects.toMatchObject({ code: 80017 });
    auth.dispose();
    await waiting;
    await expect(auth.once('authorized')).rejects.toMatchObject({ code: 80017 });
  });

  it('once() starts no request by itself', async () => {
    const { auth, source } = setUp();
    void auth.once('authorized').catch(() => {});
    await settle();
    expect(source.calls).toBe(0);
  });

  it.each([['autorized'], [7], [undefined], ['__proto__']])(
    'once() refuses the event name %s',
    async (name) => {
      await expect(setUp().auth.once(name as never)).rejects.toMatchObject({
        code: 40003,
        message: expect.stringContaining('unknown event') as string,
      });
    },
  );

  it('once() refuses an invalid signal by its name, and null counts as absent', async () => {
    const { auth } = setUp();
    await expect(auth.once('failed', { signal: 7 as never })).rejects.toMatchObject({
      code: 40003,
      message: expect.stringContaining('signal') as string,
    });
    const first = auth.once('authorized', null);
    await auth.authorize();
    expect(await first).toBeDefined();
  });
});

describe('auth.whenState()', () => {
  it('whenState() resolves at once in that state, and otherwise when the client gets there', async () => {
    const { auth, clock } = setUp();
    expect(await auth.whenState('idle')).toMatchObject({ value: 'idle', reason: 'new' });
    const states = [auth.whenState('requesting'), auth.whenState('authorized')];
    const [token] = await Promise.all([auth.authorize(), clock.advance(0)]);
    expect((await Promise.all(states)).map(({ value }) => value)).toEqual(['requesting', 'authorized']);
    expect(token).toBe(auth.tokenDetails);
  });

  it('whenState() resolves also if a listener disposes of the client in that state', async () => {
    const { auth } = setUp();
    auth.on('state', () => auth.dispose());
    const state = auth.whenState('requesting');
    auth.getToken().catch(() => {});
    expect(await state).toMatchObject({ value: 'requesting' });
  });

  it.each(['ready', '', 7, null, undefined])('whenState() refuses the state %s', async (name) => {
    await expect(setUp().auth.whenState(name as never)).rejects.toMatchObject({
      code: 40003,
      message: expect.stringMatching(/^unknown state /) as string,
    });
  });

  it('whenState() ends with its signal, and when the client is disposed of', async () => {
    const { auth } = setUp();
    const controller = new AbortController();
    const aborted = expect(auth.whenState('failed', { signal: controller.signal })).rejects.toThrow('enough');
    const waiting = expect(auth.whenState('failed')).rejects.toMatchObject({ code: 80017 });
    controller.abort(new Error('enough'));
    await aborted;
    auth.dispose();
    await waiting;
    await expect(auth.whenState('idle')).rejects.toMatchObject({ code: 80017 });
  });
});

describe('auth.tokens()', () => {
  it('tokens() gives the tokens one after the other, and ends with the client', async () => {
    const { auth, clock } = setUp();
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { token } of auth.tokens()) seen.push(token);
    })();
    await clock.advance(0);
    await clock.advance(60_000);
    auth.dispose();
    await loop;
    expect(seen).toEqual(['scripted-token-1', 'scripted-token-2']);
  });

  it('tokens() gives a slow reader the newest token', async () => {
    const { auth } = setUp();
    const tokens = auth.tokens();
    const first = await tokens.next();
    for (let count = 0; count < 3; count += 1) await auth.authorize();
    const second = await tokens.next();
    expect([first.value?.token, second.value?.token]).toEqual(['scripted-token-1', 'scripted-token-4']);
  });

  it('tokens() requests a token at the first step, not before, and not after the loop', async () => {
    const { auth, clock, source } = setUp();
    const tokens = auth.tokens();
    await settle();
    expect(source.calls).toBe(0);
    for await (const token of tokens) {
      expect(token.token).toBe('scripted-token-1');
      break;
    }
    expect(await tokens.next()).toEqual({ done: true, value: undefined });
    auth.forget();
    await clock.advance(600_000);
    expect(source.calls).toBe(1);
  });

  it('several steps at once end together', async () => {
    const { auth } = setUp();
    const tokens = auth.tokens();
    await tokens.next();
    const steps = [tokens.next(), tokens.next()];
    auth.dispose();
    expect(await Promise.all(steps)).toEqual(Array(2).fill({ done: true, value: undefined }));
    expect(await auth.tokens().next()).toEqual({ done: true, value: undefined });
  });
});
