import { describe, expect, it } from 'vitest';
import { weather } from '../../bench/chaos/network-faults.js';
import { storm } from '../../bench/chaos/storm.js';

describe('the chaos of the bench', () => {
  it('no promise of Latchkey stays pending, and the events are counted', async () => {
    const { contenders, ...rest } = await storm(1, 3, 2_000);
    expect(rest).toMatchObject({ seed: 1, seconds: 3 });
    expect(contenders.map(({ name }) => name)).toEqual(['latchkey', 'latchkey-ablyjs', 'ably']);
    const [ours, withSdk] = contenders;
    expect(ours).toMatchObject({ promisesUnsettled: 0, transportsWithDeadToken: 0 });
    expect(withSdk).toMatchObject({ transportsWithDeadToken: 0 });
    expect(withSdk?.transports).toBeGreaterThan(0);
    expect(Math.min(ours?.promises ?? 0, ours?.connections ?? 0, ours?.sourceCalls ?? 0)).toBeGreaterThan(0);
  });

  it('the same seed gives the same run, and another seed another run', () => {
    expect(weather(1, 120_000)).toEqual(weather(1, 120_000));
    expect(weather(2, 120_000)).not.toEqual(weather(1, 120_000));
  });

  it('the source fails a fifth of the time, over many seeds', () => {
    const ms = 120_000;
    const shares = Array.from({ length: 50 }, (_, seed) =>
      weather(seed, ms).sourceDown.reduce((sum, { from, to }) => sum + Math.min(to, ms) - from, 0),
    );
    const mean = shares.reduce((sum, one) => sum + one, 0) / (shares.length * ms);
    expect(mean).toBeGreaterThan(0.18);
    expect(mean).toBeLessThan(0.22);
  });
});
