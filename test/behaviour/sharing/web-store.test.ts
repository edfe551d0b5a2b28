import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Auth, type TokenDetails } from '../../../src/index.js';
import { shareTokens } from '../../../src/sharing/index.js';
import { webSharing } from '../../../src/sharing/web/index.js';
import { CHANNEL, type WebPlatform, WebStore } from '../../../src/sharing/web/web-store.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { pageStorage, webOrigin } from '../../kit/web-origin.js';

const MINUTE = 60_000;
const NAME = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const LONGEST = 262_144;

function setUp() {
  const clock = new VirtualClock();
  const origin = webOrigin(clock);
  /** Runs until an answer is there. */
  const soon = async <T>(answer: Promise<T>): Promise<T> => {
    await clock.advance(200);
    return await answer;
  };
  const page = (more: Partial<WebPlatform> = {}) => {
    const { platform, report, listeners } = origin.page(more);
    const store = new WebStore(platform);
    return {
      store,
      report,
      listeners,
      read: (name = NAME) => soon(store.read(name)),
      write: (after: number, value: string, name = NAME, lifeMs = MINUTE) =>
        soon(store.write(name, { after, value, lifeMs })),
    };
  };
  /** A page whose client lives. */
  const openPage = (more: Partial<WebPlatform> = {}) => {
    const one = page(more);
    return Object.assign(one, { leave: one.store.subscribe(OTHER, () => {}) });
  };
  const entry = (epoch: unknown, value: unknown = 'v', more: object = {}) => ({
    epoch,
    value,
    at: clock.now(),
    lifeMs: MINUTE,
    ...more,
  });
  return { clock, origin, page, openPage, entry, soon };
}

describe('pages of an origin', () => {
  it('a value that one page writes is read in each, with its age', async () => {
    const { clock, openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    expect(await one.read()).toBeNull();
    expect(await one.write(0, 'first')).toBe(true);
    await clock.advance(1_000);
    // Each read takes 200 ms of this test.
    expect(await two.read()).toEqual({ epoch: 1, value: 'first', ageMs: 1_200 });
    expect(await one.read()).toEqual({ epoch: 1, value: 'first', ageMs: 1_400 });
  });

  it('a page that comes later is told what the others know', async () => {
    const { openPage } = setUp();
    await openPage().write(0, 'first');
    expect(await openPage().read()).toMatchObject({ epoch: 1, value: 'first' });
  });

  it('a page waits for the others once, and not when one has answered', async () => {
    const { clock, openPage } = setUp();
    const one = openPage();
    const first = one.store.read(NAME);
    const isRead = vi.fn();
    first.then(isRead);
    await clock.advance(50);
    expect(isRead).not.toHaveBeenCalled();
    await clock.advance(50);
    expect(isRead).toHaveBeenCalled();
    const again = vi.fn();
    one.store.read(NAME).then(again);
    await clock.advance(0);
    expect(again).toHaveBeenCalled();
    await one.write(0, 'first');
    const late = vi.fn();
    openPage().store.read(NAME).then(late);
    await clock.advance(3);
    expect(late).toHaveBeenCalled();
  });

  it('a write after an old epoch is refused, and changes nothing', async () => {
    const { openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    await one.write(0, 'first');
    await two.write(1, 'second');
    expect(await one.write(1, 'late')).toBe(false);
    expect(await one.write(0, 'late')).toBe(false);
    expect(await two.read()).toMatchObject({ epoch: 2, value: 'second' });
  });

  it('of two pages that write at the same moment, one is refused, and no lock is held for long', async () => {
    const { clock, origin, openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    await one.write(0, 'first');
    const written = [one, two].map(({ store }, n) =>
      store.write(NAME, { after: 1, value: `page ${n}`, lifeMs: MINUTE }),
    );
    await clock.advance(200);
    expect(await Promise.all(written)).toEqual([true, false]);
    for (const page of [one, two]) expect(await page.read()).toMatchObject({ epoch: 2, value: 'page 0' });
    await clock.advance(3_000);
    expect(origin.held.size).toBe(0);
  });

  it('a page that has not heard of a write yet gets no lease, and one that has gets it', async () => {
    const { clock, openPage } = setUp();
    const [one, two, late] = [openPage(), openPage(), openPage()];
    for (const page of [one, two, late]) await page.read();
    late.report('frozen');
    await one.write(0, 'first');
    expect(await two.store.lease(NAME, 10)).toBeTypeOf('function');
    await clock.advance(10);
    expect(await late.store.lease(NAME, 10)).toBeNull();
    expect(await late.read()).toMatchObject({ epoch: 1 });
    expect(await late.store.lease(NAME, 10)).toBeTypeOf('function');
  });

  it('of two values of one epoch, each page keeps the one that was there first, and the next replaces both', async () => {
    const { origin, openPage, entry, soon } = setUp();
    const [one, two] = [openPage(), openPage()];
    await one.write(0, 'first');
    await soon(Promise.resolve(origin.post({ has: { [NAME]: entry(1, 'other') } })));
    expect(await one.read()).toMatchObject({ value: 'first' });
    await two.write(1, 'next');
    expect(await one.read()).toMatchObject({ epoch: 2, value: 'next' });
  });

  it('a value that has expired is gone, and its epoch stays', async () => {
    const { clock, openPage, origin } = setUp();
    const one = openPage();
    await one.write(0, 'first');
    await clock.advance(MINUTE);
    expect(await one.read()).toMatchObject({ epoch: 1, value: '' });
    origin.sent.length = 0;
    const late = openPage();
    expect(await late.read()).toMatchObject({ epoch: 1, value: '' });
    expect(JSON.stringify(origin.sent)).not.toContain('first');
    expect(await late.write(1, 'second')).toBe(true);
    expect(await one.read()).toMatchObject({ epoch: 2, value: 'second' });
  });

  it.each([
    ['back', -2 * 3_600_000],
    ['ahead', 2 * 3_600_000],
  ])('a wall clock that is set %s makes no value younger', async (_where, ms) => {
    const { clock, openPage } = setUp();
    const one = openPage();
    await one.write(0, 'first');
    await clock.advance(10_000);
    clock.skew(ms);
    const late = openPage();
    for (const page of [one, late]) expect((await page.read())?.ageMs ?? 0).toBeGreaterThanOrEqual(10_000);
  });

  it('the lease has one holder, ends by itself, and one that is given back late frees no other', async () => {
    const { clock, origin, openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    const first = await one.store.lease(NAME, 1_000);
    expect(first).toBeTypeOf('function');
    expect(await two.store.lease(NAME, 1_000)).toBeNull();
    expect(await two.store.lease(OTHER, 1_000)).toBeTypeOf('function');
    await clock.advance(1_000);
    expect(origin.held.size).toBe(0);
    expect(await two.store.lease(NAME, 1_000)).toBeTypeOf('function');
    first?.();
    await clock.advance(0);
    expect(await one.store.lease(NAME, 1_000)).toBeNull();
  });

  it('a platform whose locks fail rejects the lease', async () => {
    const { openPage } = setUp();
    const locks = { request: () => Promise.reject(new DOMException('no locks here', 'SecurityError')) };
    await expect(openPage({ locks }).store.lease(NAME, 1_000)).rejects.toThrow('no locks here');
  });
});

describe('a page at rest', () => {
  it('when the last client has left, there is no channel, lock, timer or listener', async () => {
    const { clock, origin, openPage } = setUp();
    const one = openPage();
    one.store.read(NAME);
    await one.store.lease(NAME, MINUTE);
    expect([origin.channels.size, origin.held.size, one.listeners.size, clock.pending]).toEqual([1, 1, 1, 2]);
    one.leave();
    await clock.advance(0);
    expect([origin.channels.size, origin.held.size, one.listeners.size, clock.pending]).toEqual([0, 0, 0, 0]);
    one.report('awake');
    expect(origin.channels.size).toBe(0);
  });

  it('a page that is frozen has no channel and no lock, and asks the others when it returns', async () => {
    const { clock, origin, openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    await one.write(0, 'first');
    await one.store.lease(NAME, MINUTE);
    const hear = vi.fn();
    one.store.subscribe(NAME, hear);
    one.report('frozen');
    await clock.advance(0);
    expect([origin.channels.size, origin.held.size]).toEqual([1, 0]);
    await two.write(1, 'second');
    expect(hear).not.toHaveBeenCalled();
    one.report('awake');
    await clock.advance(10);
    expect(hear).toHaveBeenCalled();
    expect(await one.read()).toMatchObject({ epoch: 2, value: 'second' });
  });

  it('a write of a page that returns waits for what the others wrote meanwhile, and is refused', async () => {
    const { openPage } = setUp();
    const [one, two] = [openPage(), openPage()];
    await one.write(0, 'first');
    one.report('frozen');
    await two.write(1, 'second');
    expect(await one.write(1, 'late')).toBe(false);
    expect(await two.read()).toMatchObject({ epoch: 2, value: 'second' });
  });

  it('a network that is lost closes nothing', async () => {
    const { origin, openPage } = setUp();
    openPage().report('offline');
    expect(origin.channels.size).toBe(1);
  });
});

describe('what another script of the origin sends', () => {
  it.each<[string, (entry: ReturnType<typeof setUp>['entry']) => unknown]>([
    ['nothing', () => null],
    ['a text', () => 'has'],
    ['a list', () => [1, 2]],
    ['no values', () => ({ has: 7 })],
    ['a value that is a text', () => ({ has: { [NAME]: 'v' } })],
    ['a value that is null', () => ({ has: { [NAME]: null } })],
    ['an epoch of 0', (entry) => ({ has: { [NAME]: entry(0) } })],
    ['a broken epoch', (entry) => ({ has: { [NAME]: entry(1.5) } })],
    ['an epoch that is a text', (entry) => ({ has: { [NAME]: entry('9') } })],
    ['an epoch that is too large', (entry) => ({ has: { [NAME]: entry(2 ** 32) } })],
    ['an endless epoch', (entry) => ({ has: { [NAME]: entry(Number.POSITIVE_INFINITY) } })],
    ['a value that is an object', (entry) => ({ has: { [NAME]: entry(9, { token: 'x' }) } })],
    ['a value that is too large', (entry) => ({ has: { [NAME]: entry(9, 'x'.repeat(LONGEST + 1)) } })],
    ['no time', (entry) => ({ has: { [NAME]: entry(9, 'v', { at: Number.NaN }) } })],
    ['a life that is a text', (entry) => ({ has: { [NAME]: entry(9, 'v', { lifeMs: '60000' }) } })],
    [
      'an endless life',
      (entry) => ({ has: { [NAME]: entry(9, 'v', { lifeMs: Number.POSITIVE_INFINITY }) } }),
    ],
    ['another name', (entry) => ({ has: { name: entry(9), [NAME.toUpperCase()]: entry(9) } })],
    ['another version', (entry) => ({ version: 2, have: { [NAME]: entry(9) } })],
    [
      'the value behind more values than one message has',
      (entry) => ({
        has: {
          ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}x`, entry(9)])),
          [NAME]: entry(9),
        },
      }),
    ],
  ])('is no value: %s', async (_what, message) => {
    const { origin, openPage, entry, soon } = setUp();
    const one = openPage();
    await one.write(0, 'first');
    await soon(Promise.resolve(origin.post(message(entry))));
    expect(await one.read()).toMatchObject({ epoch: 1, value: 'first' });
  });

  it('a value with a moment in the past is old, and one with a moment in the future is not new', async () => {
    const { clock, origin, openPage, entry, soon } = setUp();
    const one = openPage();
    await soon(
      Promise.resolve(origin.post({ has: { [NAME]: entry(1, 'v', { at: clock.now() - 2 * MINUTE }) } })),
    );
    expect(await one.read()).toMatchObject({ epoch: 1, value: '' });
    await soon(
      Promise.resolve(origin.post({ has: { [NAME]: entry(2, 'v', { at: clock.now() + 2 * MINUTE }) } })),
    );
    expect(await one.read()).toMatchObject({ epoch: 2, value: '' });
  });

  it('many values take a bounded memory, and drop no value that this page needs', async () => {
    const { origin, openPage, entry, soon } = setUp();
    const one = openPage();
    await one.write(0, 'mine', OTHER);
    for (let n = 0; n < 200; n += 1)
      origin.post({ has: { [n.toString(16).padStart(64, '0')]: entry(1, `value ${n}`) } });
    await soon(Promise.resolve());
    expect(await one.read(OTHER)).toMatchObject({ value: 'mine' });
    origin.sent.length = 0;
    openPage();
    await soon(Promise.resolve());
    const [, told] = origin.sent as [unknown, { readonly has: object }];
    expect(Object.keys(told.has).length).toBe(50);
    expect(Object.keys(told.has)).toContain(OTHER);
  });
});

describe('a storage', () => {
  it('a page that comes alone finds what an earlier page wrote', async () => {
    const { clock, openPage } = setUp();
    const storage = pageStorage();
    const one = openPage({ storage });
    await one.write(0, 'first');
    one.leave();
    await clock.advance(5_000);
    const late = openPage({ storage });
    const read = await late.read();
    expect(read).toMatchObject({ epoch: 1, value: 'first' });
    expect(read?.ageMs).toBeGreaterThanOrEqual(5_000);
  });

  it('a value that has expired, or was erased, is stored no longer', async () => {
    const { clock, openPage } = setUp();
    const storage = pageStorage();
    const one = openPage({ storage });
    await one.write(0, 'first');
    await clock.advance(MINUTE);
    await one.write(0, 'second', OTHER);
    expect(storage.items.get(CHANNEL)).not.toContain('first');
    expect(storage.items.get(CHANNEL)).toContain('second');
    await one.write(1, '', OTHER);
    expect(storage.items.get(CHANNEL)).not.toContain('second');
  });

  it.each([
    ['no JSON', '{"'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['a deep nest', '['.repeat(100_000)],
    ['a value of another kind', JSON.stringify({ [NAME]: { epoch: 9, value: 7 } })],
    ['a text that is too long', `"${'x'.repeat(3 * LONGEST)}"`],
  ])('what another script stored is passed over: %s', async (_what, text) => {
    const { openPage } = setUp();
    const storage = pageStorage();
    storage.items.set(CHANNEL, text);
    const one = openPage({ storage });
    expect(await one.read()).toBeNull();
    expect(await one.write(0, 'first')).toBe(true);
    expect(storage.items.get(CHANNEL)).toContain('first');
  });

  it('a storage without room is no fault: the other pages know the value', async () => {
    const { clock, openPage } = setUp();
    const [one, two] = [
      openPage({
        storage: {
          getItem: () => null,
          setItem: () => {
            throw new DOMException('no room', 'QuotaExceededError');
          },
        },
      }),
      openPage(),
    ];
    const written = one.store.write(NAME, { after: 0, value: 'v', lifeMs: MINUTE });
    await clock.advance(200);
    expect(await written).toBe(true);
    expect(await two.read()).toMatchObject({ value: 'v' });
  });
});

describe('clients of an origin', () => {
  function members() {
    const { clock, origin, soon } = setUp();
    let count = 0;
    const source = vi.fn(async (): Promise<TokenDetails> => {
      const issued = clock.now();
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 20));
      count += 1;
      return { token: `token ${count}`, issued, expires: issued + MINUTE };
    });
    const member = (session: () => string | null = () => 'ada', more: Partial<WebPlatform> = {}) => {
      const page = origin.page(more);
      const steps: unknown[] = [];
      const inspect = ({ event }: { readonly event?: { readonly step?: string } }) =>
        event?.step !== undefined && steps.push(event.step);
      const sharing = shareTokens(new WebStore(page.platform), { session });
      const auth = new Auth({
        clock,
        authCallback: source,
        random: () => 0,
        sharing,
        inspect,
        logLevel: 'none',
      } as never);
      onTestFinished(() => auth.dispose());
      return Object.assign(auth, { page, steps });
    };
    return { clock, origin, source, member, soon };
  }

  it('a client that comes later uses the token of the others', async () => {
    const { source, member, soon } = members();
    const first = await soon(member().getToken());
    const second = member();
    expect(await soon(second.getToken())).toEqual(first);
    expect(second.steps).toContain('adopted');
    expect(source).toHaveBeenCalledTimes(1);
  });

  it('promise 4: a page that was frozen in mid-fetch loses the write, and its token is not used', async () => {
    const { clock, origin, source, member } = members();
    let give = (_token: TokenDetails) => {};
    source.mockImplementationOnce(() => new Promise((resolve) => (give = resolve)));
    const [late, other, third] = [member(), member(), member()];
    const asked = late.getToken();
    await clock.advance(110);
    expect(source).toHaveBeenCalledTimes(1);
    late.page.report('frozen');
    const got = other.getToken();
    await clock.advance(300);
    give({ token: 'late token', issued: clock.now(), expires: clock.now() + MINUTE });
    await clock.advance(300);
    expect((await asked).token).toBe('late token');
    expect(late.steps).toContain('lease lost');
    third.getToken();
    await clock.advance(4_000);
    expect([(await got).token, third.tokenDetails?.token]).toEqual(['token 1', 'token 1']);
    expect(origin.held.size).toBe(0);
  });

  it('signing out everywhere reaches each client, and leaves no token in a page or a storage', async () => {
    const { clock, origin, member, soon } = members();
    const storage = pageStorage();
    const [one, two] = [member(() => 'ada', { storage }), member(() => 'ada', { storage })];
    await soon(one.getToken());
    await soon(two.getToken());
    expect(storage.items.get(CHANNEL)).toContain('token 1');
    await soon(one.forget({ everywhere: true }));
    expect([one.state.value, two.state.value]).toEqual(['idle', 'idle']);
    expect(storage.items.get(CHANNEL)).not.toContain('token 1');
    origin.sent.length = 0;
    origin.post({ wants: true });
    await clock.advance(100);
    expect(origin.sent.length).toBeGreaterThan(0);
    expect(JSON.stringify(origin.sent)).not.toContain('token 1');
  });

  it('a client that hears late of a sign-out before its time stays signed in', async () => {
    const { clock, origin, member, soon } = members();
    const [one, late] = [member(), member()];
    await soon(one.getToken());
    await soon(one.forget({ everywhere: true }));
    const sent = origin.sent.find((message) => JSON.stringify(message).includes('{}'));
    // Nobody answers in time.
    one.dispose();
    await clock.advance(10_000);
    await soon(late.getToken());
    origin.post(sent);
    await clock.advance(1_000);
    expect(late.state.value).toBe('authorized');
  });

  it('a client that is disposed of while it waits leaves nothing behind', async () => {
    const { clock, origin, member } = members();
    const afterTurns = Array.from({ length: 40 }, (_, turns) => async () => {
      for (let n = 0; n < turns; n += 1) await null;
    });
    const afterMs = Array.from({ length: 29 }, (_, n) => () => clock.advance(5 * n));
    for (const [moment, pass] of [...afterTurns, ...afterMs].entries()) {
      const one = member();
      const asked = one.getToken().catch(() => {});
      await pass();
      one.dispose();
      await clock.advance(2_000);
      await asked;
      const left = [origin.channels.size, origin.held.size, one.page.listeners.size];
      expect([moment, ...left]).toEqual([moment, 0, 0, 0]);
    }
  });
});

describe('the options', () => {
  it('an option that is invalid is refused by name', () => {
    expect(() => webSharing({ session: () => 'ada', storage: 'local' as never })).toThrow(
      /storage is a string/,
    );
    expect(() => webSharing({ sesion: () => 'ada' } as never)).toThrow(/unknown option "sesion"/);
    expect(() => webSharing(null as never)).toThrow(/options is null/);
    const { store } = setUp().page();
    expect(() => shareTokens(store, { storage: null } as never)).toThrow(/unknown option "storage"/);
    expect(() => shareTokens(store, 'ada' as never)).toThrow(/options is a string/);
    expect(() => webSharing({ session: 'ada' as never })).toThrow(/session is a string/);
    const alone = { authCallback: async () => 'token', sharing: webSharing({}) };
    expect(() => new Auth(alone)).toThrow(/neither session nor clientId/);
  });

  it('where the platform has no Web Locks, each client asks for itself', async () => {
    vi.stubGlobal('navigator', {});
    onTestFinished(() => void vi.unstubAllGlobals());
    const clock = new VirtualClock();
    const source = vi.fn(async () => ({ token: 't', issued: clock.now(), expires: clock.now() + MINUTE }));
    const sharing = webSharing({ session: () => 'ada' });
    const logHandler = vi.fn();
    const members = [1, 2].map(() => new Auth({ clock, authCallback: source, sharing, logHandler }));
    await Promise.all(members.map((auth) => auth.getToken()));
    expect(source).toHaveBeenCalledTimes(2);
    expect(logHandler).not.toHaveBeenCalled();
    for (const auth of members) auth.dispose();
  });
});
