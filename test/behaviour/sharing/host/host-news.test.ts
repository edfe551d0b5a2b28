import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostPort } from '../../../../src/sharing/host/host-port.node.js';
import { News } from '../../../../src/sharing/host/news.node.js';
import { eventually } from '../../../kit/eventually.js';
import { aName, newFolder } from '../../../kit/shared-folder.js';

/** News about names whose epochs are set, in virtual time. */
function setUp() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const epochs = { a: 1, b: 1 };
  const look = vi.fn(async (name: string) => epochs[name as 'a' | 'b']);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { news: new News(look), epochs, look, pass };
}

describe('news of a shared folder', () => {
  it('a listener hears of a new value, and of nothing else', async () => {
    const { news, epochs, pass } = setUp();
    const [a, b] = [vi.fn(), vi.fn()];
    news.subscribe('a', a);
    news.subscribe('b', b);
    await pass(10_000);
    expect([a, b].map((hear) => hear.mock.calls.length)).toEqual([0, 0]);
    epochs.a = 2;
    await pass(5_000);
    expect([a, b].map((hear) => hear.mock.calls.length)).toEqual([1, 0]);
    epochs.a = 5;
    await pass(5_000);
    expect(a).toHaveBeenCalledTimes(2);
    await pass(60_000);
    expect(a).toHaveBeenCalledTimes(2);
  });

  it('it looks soon at first, then less and less often, and once for all listeners of a name', async () => {
    const { news, look, pass } = setUp();
    for (let n = 0; n < 50; n += 1) news.subscribe('a', () => {});
    const times: number[] = [];
    for (let passed = 0; passed < 30_000; passed += 100) {
      const before = look.mock.calls.length;
      await pass(passed === 0 ? 0 : 100);
      if (look.mock.calls.length > before) times.push(passed);
    }
    expect(times).toEqual([0, 100, 300, 700, 1_500, 3_100, 6_300, 11_300, 16_300, 21_300, 26_300]);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('a new listener, a new value, and a write of this process make it look soon again', async () => {
    const { news, epochs, look, pass } = setUp();
    news.subscribe('a', () => {});
    const looksIn = async (ms: number) => {
      const before = look.mock.calls.length;
      await pass(ms);
      return look.mock.calls.length - before;
    };
    await pass(60_000);
    expect(await looksIn(5_000)).toBe(1);
    news.subscribe('a', () => {});
    expect(await looksIn(350)).toBe(2);
    await pass(60_000);
    news.note('a');
    expect(await looksIn(350)).toBe(3);
    await pass(60_000);
    epochs.a = 2;
    expect(await looksIn(5_350)).toBeGreaterThanOrEqual(3);
    news.note('b');
    expect(vi.getTimerCount()).toBe(1);
  });

  it('members that listen again and again do not make it look each time', async () => {
    const { news, look, pass } = setUp();
    news.subscribe('a', () => {});
    await pass(0);
    for (let n = 0; n < 100; n += 1) {
      news.subscribe('a', () => {})();
      await pass(10);
    }
    // Once at first, and then every 100 ms.
    expect(look).toHaveBeenCalledTimes(11);
  });

  it('nothing runs without a listener', async () => {
    const { news, epochs, look, pass } = setUp();
    const hear = vi.fn();
    const leave = [news.subscribe('a', hear), news.subscribe('a', hear)];
    await pass(500);
    leave[0]?.();
    leave[0]?.();
    epochs.a = 2;
    await pass(5_000);
    expect(hear).toHaveBeenCalledTimes(1);
    leave[1]?.();
    expect(vi.getTimerCount()).toBe(0);
    const looks = look.mock.calls.length;
    epochs.a = 3;
    await pass(60_000);
    expect([hear.mock.calls.length, look.mock.calls.length]).toEqual([1, looks]);
  });

  it('a listener that leaves while the folder is read hears nothing, and leaves no timer', async () => {
    const { news, look, epochs, pass } = setUp();
    const hear = vi.fn();
    const leave = news.subscribe('a', hear);
    await pass(0);
    look.mockImplementation(async () => {
      leave();
      return 9;
    });
    epochs.a = 9;
    await pass(60_000);
    expect([hear.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('a folder that cannot be read is no news', async () => {
    const { news, look, epochs, pass } = setUp();
    const hear = vi.fn();
    news.subscribe('a', hear);
    await pass(1_000);
    look.mockRejectedValueOnce(new Error('EIO'));
    await pass(6_000);
    expect(hear).not.toHaveBeenCalled();
    epochs.a = 2;
    await pass(10_000);
    expect(hear).toHaveBeenCalledTimes(1);
  });

  it('its timers do not keep a process alive', () => {
    const made = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(new News(async () => 1).subscribe('a', () => {}));
    const timers = made.mock.results.map(({ value }) => value as NodeJS.Timeout);
    made.mockRestore();
    expect(timers.map((timer) => timer.hasRef())).toEqual([false]);
  });

  it('one process hears what another one writes', async () => {
    const folder = newFolder();
    const [one, another] = [hostPort(folder), hostPort(folder)];
    const hear = vi.fn();
    onTestFinished(one.subscribe(aName, hear));
    await one.read(aName);
    await another.write(aName, { after: 0, value: 'a', lifeMs: 60_000 });
    await eventually(() => expect(hear).toHaveBeenCalled());
  });

  it('the listeners of the writing process are told of an accepted write at once', async () => {
    const note = vi.spyOn(News.prototype, 'note');
    onTestFinished(() => note.mockRestore());
    const port = hostPort(newFolder());
    for (const after of [0, 0, 1]) await port.write(aName, { after, value: 'a', lifeMs: 60_000 });
    expect(note.mock.calls).toEqual([[aName], [aName]]);
  });
});
