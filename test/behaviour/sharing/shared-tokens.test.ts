import { describe, expect, it, vi } from 'vitest';
import { Auth, type ClientOptions, type TokenDetails } from '../../../src/index.js';
import { type SharingOptions, type SharingPort, shareTokens } from '../../../src/sharing/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { memoryStore } from '../../kit/memory-store.js';

const MINUTE = 60_000;

function setUp({ life = MINUTE, answerMs = 20 }: { life?: number; answerMs?: number } = {}) {
  const clock = new VirtualClock();
  const store = memoryStore(clock);
  let count = 0;
  const source = vi.fn(async (): Promise<TokenDetails> => {
    const issued = clock.now();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, answerMs));
    count += 1;
    return { token: `token ${count}`, issued, expires: issued + life };
  });
  const member = (
    sharing: SharingOptions = { session: () => 'ada' },
    more: Partial<ClientOptions> & { readonly port?: SharingPort } = {},
  ) => {
    const { port = store.port, ...options } = more;
    const steps: string[] = [];
    const auth = new Auth({
      clock,
      random: () => 0.5,
      authCallback: source,
      sharing: shareTokens(port, sharing),
      inspect: (event: {
        readonly type: string;
        readonly event?: { readonly type?: string; readonly step?: string };
      }) => {
        if (event.type === '@xstate.event' && event.event?.type === 'acquisition.step' && event.event.step)
          steps.push(event.event.step);
      },
      ...options,
    } as ClientOptions);
    return Object.assign(auth, { steps });
  };
  return { clock, store, source, member };
}

describe('members that need a token at the same time', () => {
  it('one asks the source, and each uses the token', async () => {
    const { clock, source, member, store } = setUp();
    const members = Array.from({ length: 5 }, () => member());
    const got = Promise.all(members.map((auth) => auth.getToken()));
    await clock.advance(2_000);
    expect(new Set((await got).map(({ token }) => token))).toEqual(new Set(['token 1']));
    expect(source).toHaveBeenCalledTimes(1);
    expect(store.counts.accepted).toBe(1);
    expect(store.leases.size).toBe(0);
    expect(members[0]?.steps).toEqual(['asking', 'presenting', 'over']);
    expect(members[1]?.steps).toEqual([
      'asking',
      'waiting for another member',
      'adopted',
      'presenting',
      'over',
    ]);
    for (const auth of members) auth.dispose();
  });

  it('each member renews by its own plan, and the source is asked as often as for one', async () => {
    const callsAlone = async (random: () => number): Promise<number> => {
      const one = setUp();
      const auth = one.member(undefined, { random });
      auth.token$.subscribe();
      await one.clock.advance(10 * MINUTE);
      auth.dispose();
      return one.source.mock.calls.length;
    };
    const { clock, source, member } = setUp();
    const members = Array.from({ length: 4 }, (_, n) => member(undefined, { random: () => n / 4 }));
    const seen = members.map(() => new Set<string>());
    for (const [n, auth] of members.entries()) auth.token$.subscribe(({ token }) => seen[n]?.add(token));
    await clock.advance(10 * MINUTE);
    const calls = source.mock.calls.length;
    const alone = await Promise.all(members.map((_, n) => callsAlone(() => n / 4)));
    expect(calls).toBeLessThanOrEqual(Math.max(...alone));
    for (const tokens of seen) expect(tokens.size).toBeGreaterThanOrEqual(calls - 1);
    for (const auth of members) auth.dispose();
  });
});
