import { Auth, type Clock } from 'latchkey';
import { assign, createActor, fromPromise, setup } from 'xstate';
import type { Measure } from './measure.js';
import { race } from './race.js';

const LIFE = 60_000;

/** A clock whose one timer fires when told to, with nothing of its own to pay for. */
class HandClock implements Clock {
  #now = 1e12;
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

  /** Goes on to the next timer that is so far away at least, and fires it. */
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

/** The same states, actors and timers as in a renewal of ours, by XState alone: nothing is decided or kept. */
function bareChart(clock: HandClock) {
  const acquisition = setup({
    actors: { step: fromPromise(async () => 1) },
    delays: { deadline: () => 10_000, answer: () => 10_000 },
  }).createMachine({
    initial: 'obtaining',
    context: {},
    states: {
      obtaining: {
        initial: 'asking',
        after: { deadline: 'over' },
        states: { asking: { invoke: { src: 'step', onDone: '#presenting' } } },
      },
      presenting: { id: 'presenting', after: { answer: 'over' }, invoke: { src: 'step', onDone: 'over' } },
      over: { type: 'final' },
    },
    output: 1,
  });
  const chart = setup({
    types: { context: {} as { count: number } },
    actors: { acquisition },
    delays: { due: () => LIFE * 0.8, dying: () => LIFE * 0.9, dead: () => LIFE },
  }).createMachine({
    initial: 'authorized',
    context: { count: 0 },
    states: {
      authorized: { after: { due: 'acquiring.renewing', dying: {}, dead: 'acquiring.requesting' } },
      acquiring: {
        invoke: {
          src: 'acquisition',
          onDone: { target: 'authorized', actions: assign(({ context }) => ({ count: context.count + 1 })) },
        },
        initial: 'requesting',
        states: {
          requesting: {},
          renewing: { initial: 'fetching', states: { fetching: { after: { dying: {}, dead: {} } } } },
        },
      },
    },
  });
  const actor = createActor(chart, { clock: clock as never });
  actor.start();
  return actor;
}

/** A whole renewal: due, fetched, accepted, planned. The source answers at once. */
export async function renewalCycles(): Promise<Measure[]> {
  const clock = new HandClock();
  let count = 0;
  const auth = new Auth({
    clock,
    random: () => 0,
    authCallback: async () => {
      count += 1;
      return { token: `token-${count}`, issued: clock.now(), expires: clock.now() + LIFE };
    },
  });
  await auth.authorize();
  let renewed = () => {};
  auth.on('renewed', () => renewed());

  const bareClock = new HandClock();
  const bare = bareChart(bareClock);
  let planned = () => {};
  let last = 0;
  bare.subscribe(({ context }) => {
    if (context.count === last) return;
    last = context.count;
    planned();
  });

  const measure = await race({
    name: 'renewal cycle',
    latchkey: async (calls) => {
      for (let done = 0; done < calls; done += 1) {
        const over = new Promise<void>((resolve) => {
          renewed = resolve;
        });
        // Past the heartbeat, which looks for sleep every five seconds.
        clock.fire(10_000);
        await over;
      }
    },
    other: async (calls) => {
      for (let done = 0; done < calls; done += 1) {
        const over = new Promise<void>((resolve) => {
          planned = resolve;
        });
        bareClock.fire(10_000);
        await over;
      }
    },
    against: 'XState alone, same transitions',
    target: 0.5,
    note: 'the same states, actors and timers with nothing in them; Latchkey also asks the source, checks identity and lifetime, commits, plans, tells streams and listeners',
  });
  auth.dispose();
  bare.stop();
  return [measure];
}
