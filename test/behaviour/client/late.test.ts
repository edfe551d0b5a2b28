import { describe, expect, it, vi } from 'vitest';
import { late } from '../../../src/async/late.js';
import { part } from '../../../src/async/part.js';

/** Code that is there, or cannot be loaded, when the test says so. */
function setUp() {
  const answers: { resolve(): void; reject(): void }[] = [];
  const heard: number[] = [];
  const failed = vi.fn();
  const listener = late(
    part(
      () =>
        new Promise<{ add: (one: number) => void }>((resolve, reject) =>
          answers.push({
            resolve: () => resolve({ add: (one) => heard.push(one) }),
            reject: () => reject(new Error('the network is gone')),
          }),
        ),
    ),
    (code) => code,
    failed,
  );
  const say = (one: number) => listener.run((it) => it.add(one));
  const answer = async (how: 'resolve' | 'reject') => {
    answers.shift()?.[how]();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { listener, heard, failed, say, answer, answers };
}

describe('work for code that is loaded late', () => {
  it('the work is done in order when the code is there, and at once from then on', async () => {
    const { listener, heard, say, answer } = setUp();
    say(1);
    listener.run((it) => {
      it.add(2);
      say(3);
    });
    expect(heard).toEqual([]);
    await answer('resolve');
    expect(heard).toEqual([1, 2, 3]);
    say(4);
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  it('new work loads the code again after a failure, and all work is done', async () => {
    const { heard, failed, say, answer, answers } = setUp();
    say(1);
    say(2);
    expect(answers).toHaveLength(1);
    await answer('reject');
    expect(failed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 80003 }));
    expect(answers).toHaveLength(0);
    say(3);
    await answer('resolve');
    expect(heard).toEqual([1, 2, 3]);
  });

  it('the last thousand pieces of work are kept', async () => {
    const { heard, say, answer } = setUp();
    for (let one = 0; one < 1_500; one += 1) say(one);
    await answer('resolve');
    expect([heard.length, heard[0], heard.at(-1)]).toEqual([1_000, 500, 1_499]);
  });

  it('that concludes is done last, and loads no code where no other work came before', async () => {
    const { listener, heard, say, answer, answers } = setUp();
    listener.conclude((it) => it.add(1));
    expect(answers).toHaveLength(0);
    say(2);
    listener.conclude((it) => it.add(3));
    await answer('resolve');
    expect(heard).toEqual([2, 3]);
    listener.conclude((it) => it.add(4));
    expect(heard).toEqual([2, 3, 4]);
  });
});
