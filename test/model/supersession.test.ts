import type { AnyMachineSnapshot } from 'xstate';
import { ErrorInfo } from '../../src/index.js';
import type { View } from './client-under-test.js';
import { type Supersession, type supersessionEvents, supersessionModel } from './supersession.model.js';
import { walk } from './walk.js';

const seen: Readonly<Record<string, Pick<View, 'value' | 'final' | 'running'>>> = {
  idle: { value: 'idle', final: undefined, running: 0 },
  requesting: { value: 'requesting', final: undefined, running: 1 },
  authorized: { value: 'authorized', final: undefined, running: 0 },
  renewing: { value: 'renewing', final: undefined, running: 1 },
  waiting: { value: 'renewing', final: undefined, running: 0 },
  coolingOff: { value: 'failed', final: false, running: 0 },
};

walk<(typeof supersessionEvents)[number]>({
  name: 'supersession',
  lifeMs: 120_000,
  model: supersessionModel,
  run: {
    authorize: (client) => client.authorize(),
    'authorize as B': (client) => client.authorize('B'),
    'authorize as C': (client) => client.authorize('C'),
    'need a token': (client) => client.getToken(),
    'the server asks': (client) => client.ask(),
    'the source answers': (client) => client.answer(),
    'the source fails': (client) => client.fail(40170, 401),
    'an old question is answered': (client) => client.answerLate(),
    'an old question fails': (client) =>
      client.answerLate(new ErrorInfo({ code: 40170, message: 'too late' })),
    forget: (client) => client.forget(),
    dispose: (client) => client.dispose(),
  },
  keyOf: ({ context }: AnyMachineSnapshot) => {
    const { token, wanted, stored, reliesOnThem, waiting, stale } = context as Supersession;
    return [token !== null, wanted, stored, reliesOnThem, waiting > 0, stale > 0];
  },
  isWorthwhile: ({ context }) => {
    const { waiting, stale, stored } = context as Supersession;
    return waiting <= 3 && stale <= 2 && stored !== 'C';
  },
  viewOf: ({ value, context }) => {
    const { token, tokens, said, fetches, outcomes, waiting } = context as Supersession;
    // A disposed client is only checked to have no token and to do nothing.
    const { value: name = 'disposed', final, running = 0 } = seen[String(value)] ?? {};
    return { value: name, final, running, token, tokens, said, fetches, outcomes, waiting };
  },
  leastPaths: 500,
});
