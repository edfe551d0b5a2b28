import type { AnyMachineSnapshot } from 'xstate';
import type { View } from './client-under-test.js';
import { type Renewal, type renewalEvents, renewalModel } from './renewal.model.js';
import { walk } from './walk.js';

/** What is visible from outside in each of the model's states. */
const seen: Readonly<Record<string, Pick<View, 'value' | 'final' | 'running'>>> = {
  idle: { value: 'idle', final: undefined, running: 0 },
  requesting: { value: 'requesting', final: undefined, running: 1 },
  authorized: { value: 'authorized', final: undefined, running: 0 },
  renewing: { value: 'renewing', final: undefined, running: 1 },
  waiting: { value: 'renewing', final: undefined, running: 0 },
  coolingOff: { value: 'failed', final: false, running: 0 },
  givenUp: { value: 'failed', final: true, running: 0 },
};

walk<(typeof renewalEvents)[number]>({
  name: 'renewal',
  lifeMs: 120_000,
  model: renewalModel,
  run: {
    authorize: (client) => client.authorize(),
    'need a token': (client) => client.getToken(),
    'the source answers': (client) => client.answer(),
    'the source fails': (client) => client.fail(40170, 401),
    'the source forbids': (client) => client.fail(40300, 403),
    'the server refuses': (client) => client.refuse(),
    'the server asks': (client) => client.ask(),
    'the next timer fires': (client) => client.untilSomethingHappens(),
    forget: (client) => client.forget(),
  },
  keyOf: ({ context }: AnyMachineSnapshot) => {
    const { token, fresh, unusable, explicit, expiring, asked, blurred, waiting } = context as Renewal;
    return [token !== null, fresh, unusable, explicit, expiring, asked, blurred, Math.min(waiting, 2)];
  },
  // More than two callers show nothing new.
  isWorthwhile: ({ context }) => (context as Renewal).waiting <= 2 && !(context as Renewal).blurred,
  viewOf: ({ value, context }) => {
    const { token, tokens, said, fetches, outcomes, waiting } = context as Renewal;
    const { value: name = '', final, running = 0 } = seen[String(value)] ?? {};
    return { value: name, final, running, token, tokens, said, fetches, outcomes, waiting };
  },
  leastPaths: 300,
});
