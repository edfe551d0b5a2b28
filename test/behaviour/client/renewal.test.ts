import { describe, expect, it } from 'vitest';
import { Auth, type ClientOptions, StopRenewing } from '../../../src/index.js';
import { createSandbox, type KeyInfo } from '../../../src/sandbox/index.js';
import { Scenario } from '../../../src/testing/scenario.js';
import { scriptedSource } from '../../../src/testing/scripted-source.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const setUp = (ttl = HOUR, more: Partial<ClientOptions> = {}) => {
  const device = new Scenario();
  const source = scriptedSource(device.clock, { ttl });
  const auth = new Auth({
    ...device.options,
    authCallback: source.authCallback,
    random: () => 0,
    renewal: { lead: MINUTE },
    ...more,
  });
  return { device, clock: device.clock, source, auth };
};

describe('a client after sleep', () => {
  it('a token that expired during sleep is replaced at once if the platform reports the wake-up', async () => {
    const { device, source, auth } = setUp();
    await auth.authorize();
    await device.sleepFor(2 * HOUR);
    expect([source.calls, auth.state.value]).toEqual([2, 'authorized']);
    auth.dispose();
  });

  it('a token that expired during sleep is replaced within seconds if the platform reports nothing', async () => {
    const { device, clock, source, auth } = setUp();
    await auth.authorize();
    await device.sleepFor(2 * HOUR, false);
    expect(source.calls).toBe(1);
    await clock.advance(5_000);
    expect([source.calls, auth.state.value]).toEqual([2, 'authorized']);
    auth.dispose();
  });

  it.each([
    ['woken by the platform', true],
    ['woken by the beat', false],
  ])(
    'a client notices sleep after another client of the same device was disposed of, %s',
    async (_how, noticed) => {
      const { device, clock, source, auth } = setUp();
      const other = new Auth({ ...device.options, authCallback: async () => 'another', random: () => 0 });
      await auth.authorize();
      await other.authorize();
      other.dispose();
      await device.sleepFor(2 * HOUR, noticed);
      if (!noticed) await clock.advance(5_000);
      expect([source.calls, auth.state.value]).toEqual([2, 'authorized']);
      auth.dispose();
      expect(clock.pending).toBe(0);
    },
  );

  it('a token that expired during sleep is never returned, even before the sleep is noticed', async () => {
    const { device, source, auth } = setUp();
    await auth.authorize();
    await device.sleepFor(2 * HOUR, false);
    expect((await auth.getToken()).token).toBe('scripted-token-2');
    expect(source.calls).toBe(2);
    auth.dispose();
  });

  it('a token that is due after sleep is renewed and stays the current token meanwhile', async () => {
    const { device, source, auth } = setUp();
    await auth.authorize();
    source.script('hang');
    await device.sleepFor(HOUR - 30_000);
    expect(auth.state).toMatchObject({ value: 'renewing' });
    expect(auth.tokenDetails?.token).toBe('scripted-token-1');
    auth.dispose();
  });

  it('a short sleep changes only the time of the renewal', async () => {
    const { device, clock, source, auth } = setUp();
    await auth.authorize();
    await device.sleepFor(10 * MINUTE);
    await clock.advance(48 * MINUTE);
    expect(source.calls).toBe(1);
    await clock.advance(MINUTE + 1);
    expect(source.calls).toBe(2);
    auth.dispose();
  });

  it('a failed client tries again at once after sleep', async () => {
    const { device, source, auth } = setUp(HOUR, { renewal: { retry: { base: HOUR, cap: HOUR } } });
    source.goDown();
    await auth.authorize().catch(() => {});
    source.comeUp();
    await device.sleepFor(MINUTE);
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });

  it('a wall clock that is set back changes nothing', async () => {
    const { device, clock, source, auth } = setUp();
    await auth.authorize();
    device.skewBy(-24 * HOUR);
    await clock.advance(HOUR - MINUTE - 1);
    expect(source.calls).toBe(1);
    auth.dispose();
  });
});

describe('a client without a network', () => {
  it('the next try waits for the network and is made at once when it is back', async () => {
    const { device, clock, source, auth } = setUp();
    device.goOffline();
    source.goDown(new TypeError('fetch failed'));
    await auth.authorize().catch(() => {});
    await clock.advance(30_000);
    expect(source.calls).toBe(1);
    source.comeUp();
    await device.goOnline();
    expect([source.calls, auth.state.value]).toEqual([2, 'authorized']);
    auth.dispose();
  });

  it('the current token stays valid without a network', async () => {
    const { device, clock, source, auth } = setUp();
    await auth.authorize();
    device.goOffline();
    source.goDown();
    await clock.advance(HOUR - 20_000);
    expect([source.calls, auth.state.value]).toEqual([2, 'renewing']);
    expect(auth.tokenDetails).not.toBeNull();
    source.comeUp();
    await device.goOnline();
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });
});

describe('the retries of a client', () => {
  it.each([
    ['with StopRenewing', new StopRenewing('signed out')],
    ['with the status 403 alone', Object.assign(new Error('signed out'), { statusCode: 403 })],
  ])('the client does not try again if the source stops it, %s', async (_how, error) => {
    const { clock, source, auth } = setUp();
    source.goDown(error);
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 40300,
      statusCode: 403,
      message: 'signed out',
    });
    await clock.advance(24 * HOUR);
    expect(source.calls).toBe(1);
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    auth.dispose();
  });

  it.each(['off', 'server'] as const)(
    'the client tries again with renewal %s, too, until it has the token that was needed',
    async (renewal) => {
      const { clock, source, auth } = setUp(HOUR, { renewal });
      source.goDown();
      await auth.getToken().catch(() => {});
      await clock.advance(60_000);
      expect(source.calls).toBeGreaterThan(2);
      source.comeUp();
      await clock.advance(60_000);
      expect(auth.state.value).toBe('authorized');
      const { calls } = source;
      await clock.advance(24 * HOUR);
      expect([source.calls, auth.state.value]).toEqual([calls, 'idle']);
      auth.dispose();
    },
  );

  it('the client waits as long as the server asks for', async () => {
    const device = new Scenario();
    let calls = 0;
    const auth = new Auth({
      ...device.options,
      random: () => 0,
      authUrl: 'https://example.com/token',
      fetch: async () => {
        calls += 1;
        return new Response('busy', { status: 503, headers: { 'retry-after': '120' } });
      },
    });
    await auth.authorize().catch(() => {});
    await device.clock.advance(119_999);
    expect(calls).toBe(1);
    await device.clock.advance(1);
    expect(calls).toBe(2);
    auth.dispose();
  });

  it('callers during a wait get the error at once and do not shorten the wait', async () => {
    const { source, auth } = setUp();
    source.goDown();
    await auth.authorize().catch(() => {});
    for (let count = 0; count < 10; count += 1)
      await expect(auth.getToken()).rejects.toMatchObject({ code: 40170 });
    expect(source.calls).toBe(1);
    auth.dispose();
  });

  it('a failed authorize() does not delay the next try', async () => {
    const { clock, source, auth } = setUp(MINUTE, { random: () => 0.999 });
    await auth.authorize();
    source.goDown();
    await clock.advance(2 * MINUTE);
    while ((auth.state.next?.at ?? 0) - clock.now() < 5_000) await clock.advance(1_000);
    const { next, attempts } = auth.state;
    expect(next?.step).toBe('retry');
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40170 });
    expect(auth.state).toMatchObject({ next, attempts });
    auth.dispose();
  });

  it('the first retries after each outage are as fast as in the first outage, even for short tokens', async () => {
    const { clock, source, auth } = setUp(4_000, { renewal: {} });
    await auth.authorize();
    for (let outage = 0; outage < 5; outage += 1) {
      source.goDown();
      await clock.advance(4_500);
      expect(auth.tokenDetails).toBeNull();
      source.comeUp();
      await clock.advance(4_000);
      expect(auth.state).toMatchObject({ value: 'authorized', attempts: 0 });
    }
    auth.dispose();
  });

  it('the client tries until the source is back, and never more often than allowed', async () => {
    const { clock, source, auth } = setUp(HOUR, { random: () => 1 - Number.EPSILON });
    source.goDown();
    await auth.authorize().catch(() => {});
    await clock.advance(10 * MINUTE);
    expect(source.calls).toBeLessThan(30);
    source.comeUp();
    await clock.advance(30_001);
    expect(auth.state.value).toBe('authorized');
    auth.dispose();
  });
});

describe('a client with a wrong clock', () => {
  it('one request for the server’s time and one more try correct a wrong clock', async () => {
    const device = new Scenario();
    const sandbox = createSandbox({ clock: device.clock });
    const [key] = sandbox.createApp().keys as [KeyInfo];
    const wrong = {
      ...device.options,
      clock: {
        now: () => device.clock.now() - HOUR,
        monotonic: () => device.clock.monotonic(),
        setTimeout: (fn: () => void, ms: number) => device.clock.setTimeout(fn, ms),
        clearTimeout: (handle: unknown) => device.clock.clearTimeout(handle),
      },
    };
    const auth = new Auth({ ...wrong, key: key.keyStr, fetch: sandbox.fetch });
    await auth.authorize();
    expect(sandbox.requests.map(({ path, status }) => `${path.split('/').at(-1)} ${status}`)).toEqual([
      'requestToken 401',
      'time 200',
      'requestToken 201',
    ]);
    await auth.authorize();
    expect(sandbox.requests).toHaveLength(4);
    auth.dispose();
    await sandbox.dispose();
  });

  it('the client notices a wrong clock by the Date of an answer', async () => {
    const device = new Scenario();
    const serverNow = device.clock.now() + HOUR;
    const timestamps: number[] = [];
    const auth = new Auth({
      ...device.options,
      key: 'app.key:secret',
      fetch: async (_input, init) => {
        timestamps.push((JSON.parse(String(init?.body)) as { timestamp: number }).timestamp);
        const headers = { date: new Date(serverNow).toUTCString() };
        return new Response('{"token":"t","issued":1,"expires":3600001}', { status: 201, headers });
      },
    });
    await auth.requestToken();
    await auth.requestToken();
    expect(timestamps).toEqual([device.clock.now(), serverNow]);
  });
});

describe('explain()', () => {
  it('explain() returns the rule of the last step, its inputs, and the next step', async () => {
    const { clock, source, auth } = setUp();
    expect(auth.explain()).toMatchObject({ value: 'idle', rule: 'new', token: null, acquisitions: 0 });
    await auth.authorize();
    await clock.advance(10 * MINUTE);
    expect(auth.explain()).toMatchObject({
      value: 'authorized',
      rule: 'a token was obtained',
      at: clock.now() - 10 * MINUTE,
      attempts: 0,
      acquisitions: 1,
      next: { step: 'renew', at: clock.now() + 49 * MINUTE },
      token: { receivedInMs: -10 * MINUTE, renewInMs: 49 * MINUTE, diesInMs: 50 * MINUTE },
      inputs: { renewable: true, isOnline: true, seed: 0, renewal: { by: 'client', leadMs: MINUTE } },
    });
    source.goDown(new Error('503'));
    await clock.advance(49 * MINUTE + 100);
    expect(auth.explain()).toMatchObject({
      value: 'renewing',
      rule: 'the token source failed: 503',
      attempts: 1,
      next: { step: 'retry' },
      error: { code: 40170 },
    });
    expect(JSON.stringify(auth.explain())).not.toContain('scripted-token');
    auth.dispose();
  });
});

describe('a client that is made and not used', () => {
  it('the client runs no timer and adds no listener', () => {
    const { clock, auth, device } = setUp();
    let watched = 0;
    const watching = { ...device.environment, watch: () => () => (watched += 1) };
    const other = new Auth({ authCallback: async () => 't', clock, environment: watching });
    expect([clock.pending, watched, auth.state.value, other.state.value]).toEqual([0, 0, 'idle', 'idle']);
  });

  it('the client removes its listeners when it is forgotten or disposed of', async () => {
    const { clock, auth } = setUp();
    await auth.authorize();
    expect(clock.pending).toBeGreaterThan(0);
    auth.forget();
    expect(clock.pending).toBe(0);
    await auth.authorize();
    auth.dispose();
    expect(clock.pending).toBe(0);
  });
});
