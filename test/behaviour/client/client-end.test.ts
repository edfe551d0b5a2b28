import { describe, expect, it } from 'vitest';
import { Auth, ErrorInfo, StopRenewing } from '../../../src/index.js';
import { fakeConnection, settle, VirtualClock } from '../../../src/testing/index.js';

const hang = () => new Promise<string>(() => {});

describe('the disposal of a client', () => {
  it('dispose() aborts a running request and rejects its callers', async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const auth = new Auth({
      clock,
      authCallback: async () => 'a token',
      fetch: (_address, init) => {
        const signal = init.signal as AbortSignal;
        signals.push(signal);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
    });
    const rejection = expect(auth.fetch('/a')).rejects.toMatchObject({ code: 80017 });
    await settle();
    auth.dispose();
    await rejection;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(clock.pending).toBe(0);
  });

  it('dispose() in the middle of a step aborts what the step began, and nothing follows', async () => {
    const clock = new VirtualClock();
    const connection = fakeConnection({ state: 'connected' });
    const signals: AbortSignal[] = [];
    let inspected = 0;
    let inspectedAtTheEnd = Number.NaN;
    const auth = new Auth({
      clock,
      connection,
      inspect: () => {
        inspected += 1;
      },
      authCallback: (_params, { signal }) => {
        signals.push(signal);
        return { token: `token ${signals.length}`, issued: 0, expires: 60_000 };
      },
    });
    await auth.authorize();
    auth.on('expired', () => {
      auth.dispose();
      inspectedAtTheEnd = inspected;
    });
    connection.report({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'expired' }) });
    await settle();
    expect(auth.tokenDetails).toBeNull();
    expect(signals).toHaveLength(2);
    expect(signals.at(-1)?.aborted).toBe(true);
    expect(connection.pushes).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(inspected).toBe(inspectedAtTheEnd);
  });
});

describe('the connection of a disposed client', () => {
  const source = () => ({ token: 'a token', clientId: 'ada', issued: 0, expires: 60_000 });

  it('a disposed client pushes nothing to the connection', async () => {
    const connection = fakeConnection();
    const auth = new Auth({ clock: new VirtualClock(), connection, authCallback: source });
    connection.connect();
    auth.on('identity.changed', () => auth.dispose());
    await settle();
    expect(connection.pushes).toEqual([]);
  });

  it('dispose() completes even if detaching the connection throws', async () => {
    const clock = new VirtualClock();
    const fake = fakeConnection();
    const connection = {
      state: 'initialized' as const,
      push: () => Promise.resolve(),
      attach: (listener: Parameters<typeof fake.attach>[0]) => {
        fake.attach(listener);
        return () => {
          throw new Error('by the adapter');
        };
      },
    };
    const auth = new Auth({ clock, connection, authCallback: hang });
    const outcome = expect(auth.authorize()).rejects.toMatchObject({ code: 80017 });
    expect(() => auth.dispose()).toThrow('by the adapter');
    await outcome;
    expect(clock.pending).toBe(0);
  });

  it('a disposed client does not ask a source again when a listener replaced an acquisition', async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const auth = new Auth({
      clock,
      authCallback: (_params, { signal }) => {
        calls += 1;
        signal.addEventListener('abort', () => auth.dispose());
        return hang();
      },
    });
    const first = expect(auth.authorize({ ttl: 1_000 })).rejects.toMatchObject({ code: 80017 });
    const second = expect(auth.authorize({ ttl: 2_000 })).rejects.toMatchObject({ code: 80017 });
    await Promise.all([first, second]);
    expect([calls, clock.pending]).toEqual([1, 0]);
  });

  it('a call after dispose() gets 80017, in every state of the client', async () => {
    const auth = new Auth({
      clock: new VirtualClock(),
      authCallback: () => Promise.reject(new StopRenewing('enough')),
    });
    await expect(auth.getToken()).rejects.toMatchObject({ statusCode: 403 });
    auth.dispose();
    await expect(auth.getToken()).rejects.toMatchObject({ code: 80017 });
  });

  it('the state after dispose() says that the client was disposed of', async () => {
    const auth = new Auth({ clock: new VirtualClock(), authCallback: source });
    await auth.authorize();
    auth.dispose();
    const reason = 'the client was disposed of';
    expect(auth.state).toEqual({ value: 'idle', reason, error: null, attempts: 0 });
    expect(auth.explain()).toMatchObject({ value: 'idle', rule: reason, token: null });
    const heard: string[] = [];
    auth.state$.subscribe({ next: ({ value }) => heard.push(value), complete: () => heard.push('end') });
    expect(heard).toEqual(['idle', 'end']);
  });

  it('an adapter must have a way to be detached', () => {
    const connection = {
      state: 'initialized' as const,
      push: async () => {},
      attach: () => undefined as never,
    };
    expect(() => new Auth({ connection, authCallback: hang })).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining('attach()') }),
    );
  });
});

describe('listeners and subscribers of a client', () => {
  const clientOf = (clock: VirtualClock) =>
    new Auth({ clock, authCallback: () => ({ token: 'a token', issued: 0, expires: 60_000 }) });

  it('a listener receives nothing after dispose(), even if a listener called it', async () => {
    const auth = clientOf(new VirtualClock());
    const heard: string[] = [];
    auth.on('authorized', () => {
      heard.push('first');
      auth.dispose();
    });
    auth.on('authorized', () => heard.push('second'));
    auth.on('state', ({ value }) => heard.push(value));
    await auth.authorize();
    expect(heard).toEqual(['requesting', 'first']);
  });

  it.each(['expired', 'failed', 'state'] as const)(
    'a listener may call the client at once (%s) and gets the new result',
    async (name) => {
      const clock = new VirtualClock();
      const auth = new Auth({ clock, token: 'the only one' });
      const outcomes: unknown[] = [];
      const fresh = () => ({ token: 'fresh', issued: 0, expires: 60_000 });
      auth.on(name, () => {
        if (outcomes.length > 0) return;
        outcomes.push('called');
        auth.authorize(null, { authCallback: fresh }).then(
          ({ token }) => outcomes.push(token),
          ({ code }) => outcomes.push(code),
        );
      });
      await auth.getToken();
      auth.actor.send({ type: 'token.refused', error: new ErrorInfo({ code: 40142, message: 'expired' }) });
      await settle();
      expect([outcomes, auth.state.value]).toEqual([['called', 'fresh'], 'authorized']);
      auth.dispose();
    },
  );

  it('a listener of the state is not called for a state that was replaced before it was added', async () => {
    const auth = clientOf(new VirtualClock());
    await auth.authorize();
    const heard: string[] = [];
    const off = auth.on('state', ({ value }) => heard.push(value));
    auth.actor.send({ type: 'token.needed' });
    expect(heard).toEqual([]);
    off();
    auth.forget();
    auth.on('state', ({ value }) => heard.push(value));
    await auth.authorize();
    expect(heard).toEqual(['requesting', 'authorized']);
    auth.dispose();
  });

  it('a subscriber of state$ receives the states that it causes itself', async () => {
    const auth = clientOf(new VirtualClock());
    await auth.authorize();
    const heard: string[] = [];
    auth.state$.subscribe(({ value }) => {
      heard.push(value);
      if (heard.length === 1) auth.forget();
    });
    expect(heard).toEqual(['authorized', 'idle']);
    auth.dispose();
  });

  it('a subscriber of state$ receives the current state and each different one after it', async () => {
    const auth = clientOf(new VirtualClock());
    const heard: string[] = [];
    const hear = ({ value }: { value: string }) => heard.push(value);
    auth.state$.subscribe(hear).unsubscribe();
    await auth.authorize();
    auth.state$.subscribe(hear);
    auth.actor.send({ type: 'token.needed' });
    await auth.authorize();
    expect(heard).toEqual(['idle', 'authorized', 'renewing', 'authorized']);
    auth.dispose();
  });
});

describe('calls that replace each other', () => {
  it('a replaced call does not wait for longer than the deadline', async () => {
    const clock = new VirtualClock();
    const auth = new Auth({ clock, authCallback: hang, realtimeRequestTimeout: 10_000 });
    const settledAt: number[] = [];
    const call = (ttl: number) =>
      auth.authorize({ ttl }).catch(({ code }) => settledAt.push(code, clock.monotonic()));
    call(1_000);
    await clock.advance(6_000);
    call(2_000);
    await clock.advance(6_000);
    call(3_000);
    await clock.advance(6_000);
    call(4_000);
    await clock.advance(20_000);
    expect(settledAt).toEqual([40170, 10_000, 40170, 16_000, 40170, 22_000, 40170, 28_000]);
    expect(auth.error?.code).toBe(40170);
    auth.dispose();
    expect(clock.pending).toBe(0);
  });
});
