import { describe, expect, it } from 'vitest';
import { AblyJsHarness, until } from './ably-js-harness.js';

type Step = 'authorize' | 'close' | 'connect';

/** How to bring the SDK into a state. It is `closing` only during the call that closes it. */
const states = {
  initialized: () => AblyJsHarness.start({ sdk: { autoConnect: false } }),
  connecting: async () => {
    const one = await AblyJsHarness.start({ sdk: { autoConnect: false } });
    one.sandbox.setFault({ connect: 'hang' });
    one.client.connect();
    await until(() => one.auth.tokenDetails !== null);
    return one;
  },
  connected: () => AblyJsHarness.connected(),
  disconnected: async () => {
    const one = await AblyJsHarness.connected();
    one.sandbox.setFault({ connect: 'refuse' });
    one.sandbox.cutConnections();
    await until(() => one.states.includes('connecting') && one.state === 'disconnected');
    return one;
  },
  suspended: async () => {
    const sdk = { autoConnect: false, connectionStateTtl: 500, disconnectedRetryTimeout: 60_000 };
    const one = await AblyJsHarness.start({ sdk });
    one.sandbox.setFault({ connect: 'refuse' });
    one.client.connect();
    await until(() => one.state === 'suspended');
    // From here on a busy machine has time to connect.
    Object.assign(Reflect.get(one.client.connection, 'connectionManager'), { connectionStateTtl: 120_000 });
    return one;
  },
  closed: async () => {
    const one = await AblyJsHarness.connected();
    one.client.close();
    return one;
  },
  failed: async () => {
    const one = await AblyJsHarness.connected();
    one.sandbox.setFault({ auth: { status: 401, code: 40102 } });
    await one.authorize();
    return one;
  },
} satisfies Record<string, () => Promise<AblyJsHarness>>;

/** Steps in one turn. Their result does not depend on the state before. */
const orders: readonly [steps: readonly Step[], code: number | null, last: 'connected' | 'closed'][] = [
  [['authorize'], null, 'connected'],
  [['close', 'authorize'], null, 'connected'],
  [['connect', 'authorize'], null, 'connected'],
  [['authorize', 'connect'], null, 'connected'],
  [['close', 'connect', 'authorize'], null, 'connected'],
  [['connect', 'close', 'authorize'], null, 'connected'],
  [['close', 'authorize', 'connect'], null, 'connected'],
  [['close', 'connect', 'close', 'authorize'], null, 'connected'],
  [['connect', 'authorize', 'close'], 80017, 'closed'],
  [['authorize', 'connect', 'close'], 80017, 'closed'],
  [['close', 'connect', 'authorize', 'close'], 80017, 'closed'],
  [['close', 'authorize', 'connect', 'close'], 80017, 'closed'],
  [['connect', 'authorize', 'close', 'connect'], 80017, 'connected'],
  [['authorize', 'connect', 'close', 'connect'], 80017, 'connected'],
];

/** @returns the result of authorize() */
function take(steps: readonly Step[], one: AblyJsHarness): Promise<number | null> {
  let outcome: Promise<number | null> = Promise.resolve(null);
  for (const step of steps) {
    if (step === 'connect') one.client.connect();
    if (step === 'close') one.client.close();
    if (step === 'authorize') outcome = one.authorize();
  }
  return outcome;
}

/** The phases of Node's event loop in which the SDK reports an event. */
const turns = {
  task: (run: () => void) => setTimeout(run, 1),
  microtask: (run: () => void) => queueMicrotask(run),
};

describe.each(Object.keys(states) as (keyof typeof states)[])(
  'the official SDK behind an Auth, %s before',
  (state) => {
    describe.each(Object.keys(turns) as (keyof typeof turns)[])('in the turn of a %s', (turn) => {
      it.each(orders)(
        '%j: authorize() has the result %j, and the connection is %s',
        async (steps, code, last) => {
          const one = await states[state]();
          await one.quiet();
          expect(one.state).toBe(state);
          one.sandbox.setFault(null);
          const outcome = await new Promise<Promise<number | null>[]>((resolve) => {
            turns[turn](() => resolve([take(steps, one)]));
          });
          expect(await outcome[0]).toBe(code);
          // If there was no token before, the next try of the Auth returns one.
          for (let tries = 0; tries < 40 && one.state !== last; tries += 1) await one.pass(1_000);
          await one.quiet();
          expect(one.state).toBe(last);
          if (last === 'connected') expect(one.expiresAtServer).toBe(one.auth.tokenDetails?.expires);
        },
      );
    });
  },
);
