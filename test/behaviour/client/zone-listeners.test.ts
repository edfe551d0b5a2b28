import { afterEach, describe, expect, it, vi } from 'vitest';
import { Auth } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** The used part of zone.js: a root, and the zone of an app that counts the calls in it. */
function inZone() {
  const calls: string[] = [];
  const zone = (name: string) => ({
    run: <T>(fn: () => T): T => fn(),
    wrap:
      (fn: (...given: unknown[]) => unknown) =>
      (...given: unknown[]) => {
        calls.push(name);
        return fn(...given);
      },
  });
  const current = zone('app');
  vi.stubGlobal('Zone', { root: zone('root'), current });
  return calls;
}

afterEach(() => void vi.unstubAllGlobals());

const setUp = () => {
  const clock = new VirtualClock();
  return new Auth({ clock, authCallback: async () => ({ token: 't', issued: 0, expires: 60_000 }) });
};

describe('the listeners of a client in a zone', () => {
  it('a listener is called in the zone in which it was added, and off() removes it', async () => {
    const calls = inZone();
    const auth = setUp();
    const listener = vi.fn();
    auth.on('authorized', listener);
    await auth.authorize();
    expect([calls, listener.mock.calls.length]).toEqual([['app'], 1]);
    auth.off('authorized', listener);
    auth.forget();
    await auth.authorize();
    expect(listener).toHaveBeenCalledTimes(1);
    auth.dispose();
  });

  it('off() removes no other listener', async () => {
    inZone();
    const auth = setUp();
    const [removed, kept] = [vi.fn(), vi.fn()];
    auth.on('authorized', removed);
    auth.on('authorized', kept);
    auth.off('authorized', removed);
    await auth.authorize();
    expect([removed.mock.calls.length, kept.mock.calls.length]).toEqual([0, 1]);
    auth.dispose();
  });
});
