import type { AnyMachineSnapshot } from 'xstate';
import type { View } from './client-under-test.js';
import { type Sleeper, type sleepEvents, sleepModel } from './sleep.model.js';
import { walk } from './walk.js';

const seen: Readonly<Record<string, Pick<View, 'value' | 'final' | 'running'>>> = {
  idle: { value: 'idle', final: undefined, running: 0 },
  requesting: { value: 'requesting', final: undefined, running: 1 },
  authorized: { value: 'authorized', final: undefined, running: 0 },
  renewing: { value: 'renewing', final: undefined, running: 1 },
  waiting: { value: 'renewing', final: undefined, running: 0 },
  coolingOff: { value: 'failed', final: false, running: 0 },
  givenUp: { value: 'failed', final: true, running: 0 },
};

const LIFE = 3_600_000;

walk<(typeof sleepEvents)[number]>({
  name: 'sleep and network',
  lifeMs: LIFE,
  model: sleepModel,
  run: {
    'need a token': (client) => client.getToken(),
    'the source answers': (client) => client.answer(),
    'the source fails': (client) => client.fail(40170, 401),
    'the source forbids': (client) => client.fail(40300, 403),
    'a nap': (client) => client.device.sleepFor(61_000),
    'a sleep past the renewal': (client) => client.doze(),
    'a sleep past the death': (client) => client.device.sleepFor(2 * LIFE),
    'a sleep past the expiry that is not reported': async ({ device }) => {
      await device.sleepFor(2 * LIFE, false);
      // The client checks its clocks this often.
      await device.clock.advance(5_000);
    },
    'the network goes': (client) => client.device.goOffline(),
    'the network is back': async ({ device }) => {
      if (!device.environment.isOnline()) await device.goOnline();
    },
    'the next timer fires': (client) => client.untilSomethingHappens(),
  },
  keyOf: ({ context }: AnyMachineSnapshot) => {
    const { token, online, plannedOnline, expiring, waiting } = context as Sleeper;
    return [token !== null, online, plannedOnline, expiring, waiting > 0];
  },
  isWorthwhile: ({ context }) => (context as Sleeper).waiting <= 2,
  viewOf: ({ value, context }) => {
    const { token, tokens, said, fetches, outcomes, waiting } = context as Sleeper;
    const { value: name = '', final, running = 0 } = seen[String(value)] ?? {};
    return { value: name, final, running, token, tokens, said, fetches, outcomes, waiting };
  },
  leastPaths: 300,
});
