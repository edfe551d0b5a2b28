import { Auth, type Clock } from 'latchkey';
import { authMachine, defaultRenewal, type MachinePorts, Secret } from 'latchkey/machines';
import { type Actor, type AnyStateMachine, assign, createActor, fromPromise, setup } from 'xstate';
import type { Measure } from './measure.js';
import { race } from './race.js';

const LIFE = 60_000;

/** The highest cost of a renewal of the machine, and of a whole authorize(), in renewals by XState alone. */
const MOST = { machine: 2, authorize: 3.2 };

/** A clock whose timers fire on demand, without any cost. */
class HandClock implements Clock {
  #now = 1e6;
  readonly #timers = new Map<object, { readonly at: number; readonly fn: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): object {
    const timer = {};
    if (ms !== Number.POSITIVE_INFINITY) this.#timers.set(timer, { at: this.#now + ms, fn });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  /** Advances to the next timer at or after this delay, and fires it. */
  fire(leastMs: number): void {
    let first: object | undefined;
    let at = Number.POSITIVE_INFINITY;
    for (const [timer, one] of this.#timers) {
      if (one.at < at && one.at >= this.#now + leastMs) {
        first = timer;
        at = one.at;
      }
    }
    const due = first === undefined ? undefined : this.#timers.get(first);
    if (first === undefined || due === undefined) throw new Error('no timer is due');
    this.#timers.delete(first);
    this.#now = at;
    due.fn();
  }
}

/** Runs one renewal after the other. `isOver` decides whether a snapshot ends a renewal. */
function renewals(clock: HandClock, actor: Actor<AnyStateMachine>, isOver: (snapshot: unknown) => boolean) {
  let over = () => {};
  actor.subscribe((snapshot) => {
    if (isOver(snapshot)) over();
  });
  return async (calls: number): Promise<void> => {
    for (let done = 0; done < calls; done += 1) {
      const renewed = new Promise<void>((resolve) => {
        over = resolve;
      });
      // Beyond the heartbeat, which checks for sleep every five seconds.
      clock.fire(10_000);
      await renewed;
    }
  };
}

/** The least work of XState: one promise invoked, one timer restarted, and a count. */
function floor(clock: HandClock): Actor<AnyStateMachine> {
  const machine = setup({
    types: { context: {} as { count: number } },
    actors: { fetch: fromPromise(async () => 1) },
    delays: { due: () => LIFE },
  }).createMachine({
    initial: 'resting',
    context: { count: 0 },
    states: {
      resting: { after: { due: 'fetching' } },
      fetching: {
        invoke: {
          src: 'fetch',
          onDone: { target: 'resting', actions: assign(({ context }) => ({ count: context.count + 1 })) },
        },
      },
    },
  });
  return createActor(machine, { clock }).start();
}

/** The auth machine with its acquisition, as every client runs it, with ports that answer at once. */
function machineAlone(clock: HandClock): Actor<AnyStateMachine> {
  let count = 0;
  const terms = new Secret<unknown>(null);
  const accepted = () => ({
    ok: true as const,
    token: new Secret({ token: `token-${++count}` }),
    lifetimeMs: LIFE,
    ageMs: 0,
    receivedAt: clock.monotonic(),
    terms,
    renewable: true,
  });
  const ports: MachinePorts = {
    clock,
    random: () => 0,
    isOnline: () => true,
    opensTransport: () => false,
    ask: async () => ({ kind: 'token', token: new Secret({ token: 'token' }) }),
    exchange: () => Promise.reject(new Error('there is nothing to exchange')),
    present: async () => accepted(),
  };
  return createActor(authMachine, {
    clock,
    input: {
      ports: new Secret(ports),
      terms,
      renewable: true,
      clientId: undefined,
      deadlineMs: 10_000,
      renewal: defaultRenewal,
      seed: 0,
      given: accepted(),
    },
  }).start() as unknown as Actor<AnyStateMachine>;
}

const isAuthorized = (snapshot: unknown) => (snapshot as { value: unknown }).value === 'authorized';
const isResting = (snapshot: unknown) => (snapshot as { value: unknown }).value === 'resting';

/**
 * The cost of a renewal and of an `authorize()`, compared with XState's least work for one promise and one
 * timer.
 */
export async function renewalCycles(): Promise<Measure[]> {
  const clocks = { floor: new HandClock(), machine: new HandClock(), auth: new HandClock() };
  const bare = floor(clocks.floor);
  const machine = machineAlone(clocks.machine);
  let count = 0;
  const auth = new Auth({
    clock: clocks.auth,
    random: () => 0,
    authCallback: async () => {
      count += 1;
      return { token: `token-${count}`, issued: clocks.auth.now(), expires: clocks.auth.now() + LIFE };
    },
  });
  await auth.authorize();
  const against = 'XState alone: one invoked promise, one timer armed again';
  const other = renewals(clocks.floor, bare, isResting);
  const measures = [
    await race({
      name: 'renewal, the machine alone',
      latchkey: renewals(clocks.machine, machine, isAuthorized),
      other,
      against,
      target: 1 / MOST.machine,
      note: 'due, asked for, presented under a deadline, committed, planned; on ports that answer at once',
    }),
    await race({
      name: 'authorize()',
      latchkey: async (calls) => {
        for (let done = 0; done < calls; done += 1) await auth.authorize();
      },
      other,
      against,
      target: 1 / MOST.authorize,
      note: 'Latchkey also reads the answer of its source, and tells its callers, streams and listeners',
    }),
    await race({
      name: 'renewal cycle',
      latchkey: renewals(clocks.auth, auth.actor as unknown as Actor<AnyStateMachine>, isAuthorized),
      other,
      against,
      note: 'the same for a renewal that a whole client makes by itself',
    }),
  ];
  auth.dispose();
  machine.stop();
  bare.stop();
  return measures;
}
