import { describe, expect, it, vi } from 'vitest';
import { ServerTime } from '../../../src/http/server-time.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

const never = () => new AbortController().signal;

const setUp = () => {
  const clock = new VirtualClock(1_000_000);
  const asked: { signal: AbortSignal; answer(time: number): void; fail(error: Error): void }[] = [];
  const ask = vi.fn(
    (signal: AbortSignal) =>
      new Promise<number>((answer, fail) => {
        asked.push({ signal, answer, fail });
      }),
  );
  return { clock, ask, asked, time: new ServerTime(clock, ask) };
};

describe('the time of the server', () => {
  it('the local time is used until the server was asked', async () => {
    const { time, ask, clock } = setUp();
    expect(await time.now(false, never())).toBe(1_000_000);
    clock.skew(5);
    expect(time.local()).toBe(1_000_005);
    expect(time.offsetMs).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
  });

  it('the server is asked once, and its offset is kept (RSA10k)', async () => {
    const { time, ask, asked, clock } = setUp();
    const first = time.now(true, never());
    asked[0]?.answer(900_000);
    expect(await first).toBe(900_000);
    expect(time.offsetMs).toBe(-100_000);
    await clock.advance(60_000);
    expect(await time.now(true, never())).toBe(960_000);
    expect(await time.now(false, never())).toBe(960_000);
    expect(ask).toHaveBeenCalledOnce();
  });

  it.each([
    [30_000, undefined],
    [-30_000, undefined],
    [30_001, 30_001],
    [-30_001, -30_001],
  ])('an answer that is %i ms off gives the offset %s', (offBy, offset) => {
    const { time, clock } = setUp();
    time.learn(clock.now() + offBy);
    expect(time.offsetMs).toBe(offset);
  });

  it('a known offset is not replaced by the whole seconds of another answer', () => {
    const { time, clock } = setUp();
    time.learn(clock.now() + 100_000);
    for (const offBy of [0, 99_000, 200_000]) time.learn(clock.now() + offBy);
    expect(time.offsetMs).toBe(100_000);
  });

  it('simultaneous callers share one request', async () => {
    const { time, ask, asked } = setUp();
    const all = Promise.all(Array.from({ length: 50 }, () => time.now(true, never())));
    asked[0]?.answer(7);
    expect(new Set(await all)).toEqual(new Set([7]));
    expect(ask).toHaveBeenCalledOnce();
  });

  it('the server is asked again after a failure, which all callers get', async () => {
    const { time, ask, asked } = setUp();
    const both = [time.now(true, never()), time.now(true, never())];
    const down = new Error('down');
    asked[0]?.fail(down);
    for (const one of await Promise.allSettled(both)) expect(one).toMatchObject({ reason: down });
    const again = time.now(true, never());
    asked[1]?.answer(7);
    expect(await again).toBe(7);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('an aborted caller does not abort the request of the others', async () => {
    const { time, asked } = setUp();
    const over = new AbortController();
    const gone = expect(time.now(true, over.signal)).rejects.toThrow('gone');
    const stays = time.now(true, never());
    over.abort(new Error('gone'));
    await gone;
    expect(asked[0]?.signal.aborted).toBe(false);
    asked[0]?.answer(7);
    expect(await stays).toBe(7);
  });

  it('the request is aborted when all callers have aborted, and the next caller asks again', async () => {
    const { time, ask, asked } = setUp();
    const over = new AbortController();
    const gone = [time.now(true, over.signal), time.now(true, over.signal)].map((one) =>
      expect(one).rejects.toThrow('gone'),
    );
    over.abort(new Error('gone'));
    await Promise.all(gone);
    expect(asked[0]?.signal.aborted).toBe(true);
    const next = time.now(true, never());
    asked[0]?.fail(new Error('aborted'));
    await settle();
    asked[1]?.answer(7);
    expect(await next).toBe(7);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('a caller that has aborted before asks nothing', async () => {
    const { time, ask } = setUp();
    await expect(time.now(true, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(ask).not.toHaveBeenCalled();
  });

  describe('the server time after the local clock was set', () => {
    it.each([3_600_000, -3_600_000, 6_000])(
      'the server is asked again after the local clock was set by %i ms',
      async (ms) => {
        const { time, ask, asked, clock } = setUp();
        const first = time.now(true, never());
        asked[0]?.answer(900_000);
        await first;
        clock.skew(ms);
        const second = time.now(true, never());
        expect(ask).toHaveBeenCalledTimes(2);
        asked[1]?.answer(1_000_000);
        expect(await second).toBe(1_000_000);
        await clock.advance(60_000);
        expect(await time.now(true, never())).toBe(1_060_000);
        expect(ask).toHaveBeenCalledTimes(2);
      },
    );

    it('the local time is used again after the clock was set', async () => {
      const { time, clock } = setUp();
      time.learn(clock.now() + 3_600_000);
      expect(time.local()).toBe(clock.now() + 3_600_000);
      clock.skew(3_600_000);
      expect(time.local()).toBe(clock.now());
      expect(time.offsetMs).toBeUndefined();
    });

    it('the offset is updated by the Date of any answer', async () => {
      const { time, clock } = setUp();
      time.learn(clock.now() + 3_600_000);
      clock.skew(-3_600_000);
      time.learn(clock.now() + 7_200_000);
      expect(time.offsetMs).toBe(7_200_000);
    });

    it('a small change of the clock keeps the offset, because clocks drift', async () => {
      const { time, ask, asked, clock } = setUp();
      const first = time.now(true, never());
      asked[0]?.answer(900_000);
      await first;
      clock.skew(2_000);
      expect(await time.now(true, never())).toBe(902_000);
      expect(ask).toHaveBeenCalledOnce();
    });
  });
});
