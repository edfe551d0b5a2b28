import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { Scenario, type SourceStep, scriptedSource, VirtualClock } from '../../../src/testing/index.js';

const ask = (source: ReturnType<typeof scriptedSource>, params = {}) => {
  const abort = new AbortController();
  const told = { reason: 'first', attempt: 1, isRefused: () => false } as const;
  const callback = Object.assign(() => {}, { signal: abort.signal, ...told });
  const answer = Promise.resolve(source.authCallback(params, callback));
  const outcome: { is: unknown } = { is: 'waits' };
  answer.then(
    (value) => {
      outcome.is = value;
    },
    (error: unknown) => {
      outcome.is = error;
    },
  );
  return { outcome, abort };
};

describe('a scripted source', () => {
  it('the source returns numbered tokens with the chosen lifetime and clientId', async () => {
    const clock = new VirtualClock(1_000);
    const source = scriptedSource(clock, { ttl: 5_000, clientId: 'ada' });
    const { outcome } = ask(source);
    await clock.advance(0);
    expect(outcome.is).toEqual({ token: 'scripted-token-1', issued: 1_000, expires: 6_000, clientId: 'ada' });
  });

  it('the source does one step for each call, and after the last step acts as before', async () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock);
    const down = new Error('down');
    const steps: SourceStep[] = [{ fail: down }, { give: 'a token' }, 'succeed', 'repeat'];
    source.script(...steps);
    const outcomes = [...steps, 'one more'].map(() => ask(source).outcome);
    await clock.advance(0);
    expect(outcomes.map(({ is }) => (is as { token?: string }).token ?? is)).toEqual([
      down,
      'a token',
      'scripted-token-1',
      'scripted-token-1',
      'scripted-token-2',
    ]);
    expect([source.calls, source.given]).toEqual([5, 2]);
  });

  it('the source hangs until its caller aborts', async () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock);
    source.script('hang');
    const { outcome, abort } = ask(source);
    await clock.advance(1e9);
    expect([outcome.is, source.aborted]).toEqual(['waits', 0]);
    abort.abort();
    expect(source.aborted).toBe(1);
  });

  it('a late answer is dropped after an abort, unless the step is deaf', async () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock);
    source.script({ late: 3_000 }, { late: 3_000 }, { late: 3_000, deaf: true });
    const [patient, gone, deaf] = [ask(source), ask(source), ask(source)];
    gone.abort.abort();
    deaf.abort.abort();
    await clock.advance(2_999);
    expect(source.given).toBe(0);
    await clock.advance(1);
    expect(patient.outcome.is).toMatchObject({ token: 'scripted-token-1' });
    expect(gone.outcome.is).toBe('waits');
    expect(deaf.outcome.is).toMatchObject({ token: 'scripted-token-2' });
    expect(source.aborted).toBe(2);
  });

  it('the source can be slow, go down and come up', async () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock, { latency: 200 });
    source.goDown();
    const failed = ask(source).outcome;
    await clock.advance(200);
    expect(failed.is).toMatchObject({ message: 'the source is down' });
    source.comeUp();
    const fine = ask(source).outcome;
    await clock.advance(199);
    expect(fine.is).toBe('waits');
    await clock.advance(1);
    expect(fine.is).toMatchObject({ token: 'scripted-token-1' });
  });

  it('the source records the TokenParams of its calls', async () => {
    const clock = new VirtualClock();
    const source = scriptedSource(clock);
    const auth = new Auth({ authCallback: source.authCallback, clock });
    await auth.authorize({ ttl: 5_000 });
    expect(source.asked).toEqual([{ ttl: 5_000 }]);
    auth.dispose();
  });
});

describe('a device', () => {
  const setUp = (countsSleep = false) => {
    const device = new Scenario(new VirtualClock(), { countsSleep });
    const source = scriptedSource(device.clock, { ttl: 3_600_000 });
    const auth = new Auth({ authCallback: source.authCallback, ...device.options, random: () => 0 });
    return { device, source, auth };
  };

  it.each([
    ['stands still', false],
    ['goes on', true],
  ])(
    'the device sleeps past the expiry of a token, and the monotonic clock %s',
    async (_what, countsSleep) => {
      const { device, source, auth } = setUp(countsSleep);
      await auth.authorize();
      await device.sleepFor(2 * 3_600_000);
      expect([auth.tokenDetails?.token, source.calls]).toEqual(['scripted-token-2', 2]);
      auth.dispose();
    },
  );

  it('advances its clock until a condition is true, and throws after the limit', async () => {
    const { device, auth } = setUp();
    await auth.authorize();
    await device.until(() => auth.tokenDetails?.token === 'scripted-token-2');
    expect(device.clock.monotonic()).toBeLessThan(3_600_000);
    await expect(device.until(() => false, 60_000)).rejects.toThrow('still false after 60000 ms');
    auth.dispose();
    await expect(device.until(() => false)).rejects.toThrow('still false');
  });

  it('the device is online until it goes offline, and reports the change back', async () => {
    const { device } = setUp();
    const heard: string[] = [];
    const stop = device.environment.watch((what) => heard.push(what));
    device.goOffline();
    expect(device.environment.isOnline()).toBe(false);
    await device.goOnline();
    expect([device.environment.isOnline(), heard]).toEqual([true, ['offline', 'online']]);
    stop();
    await device.sleepFor(1_000);
    expect(heard).toEqual(['offline', 'online']);
  });

  it('a device renews at the same moments in each run, and at others with another seed', async () => {
    const moments = async (seed?: number) => {
      const device = new Scenario(undefined, seed === undefined ? {} : { seed });
      const source = scriptedSource(device.clock, { ttl: 60_000 });
      const auth = new Auth({ authCallback: source.authCallback, ...device.options });
      const seen: number[] = [];
      auth.on('renewed', () => seen.push(device.clock.monotonic()));
      await auth.authorize();
      await device.clock.advance(180_000);
      auth.dispose();
      return seen;
    };
    const first = await moments();
    expect(first.length).toBeGreaterThan(1);
    for (let run = 0; run < 60; run += 1) expect(await moments()).toEqual(first);
    expect(await moments(2)).not.toEqual(first);
  });

  it('the wall clock of the device can be wrong', () => {
    const { device } = setUp();
    const before = device.clock.now();
    device.skewBy(-5_000);
    expect(device.clock.now()).toBe(before - 5_000);
  });
});
