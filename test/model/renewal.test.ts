import { createTestModel, type TestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import { type AnyMachineSnapshot, createActor } from 'xstate';
import { ClientUnderTest } from './client-under-test.js';
import { type Expected, type ModelEvent, modelEvents, publicState, renewalModel } from './renewal.model.js';

const keyOf = (state: AnyMachineSnapshot): string => {
  const { live, fresh, dud, explicit, waiting } = state.context as Expected;
  return JSON.stringify([state.value, live, fresh, dud, explicit, Math.min(waiting, 2)]);
};

type Snapshot = AnyMachineSnapshot;

const traversal = {
  events: modelEvents.map((type) => ({ type })),
  // A path for each edge, not only for each state.
  serializeState: (state: Snapshot, event?: ModelEvent, previous?: Snapshot) =>
    `${previous === undefined ? '' : keyOf(previous)} ${event?.type ?? ''} ${keyOf(state)}`,
  // More callers than two tell nothing new.
  filter: (state: Snapshot) => (state.context as Expected).waiting <= 2,
  traversalLimit: 100_000,
};

const model = createTestModel(renewalModel as never, traversal as never) as unknown as TestModel<
  Snapshot,
  ModelEvent,
  unknown
>;

const executors = (client: ClientUnderTest): Record<ModelEvent['type'], () => Promise<void>> => ({
  authorize: () => client.call(() => client.auth.authorize()),
  'need a token': () => client.call(() => client.auth.getToken()),
  'the source answers': () => client.answer(),
  'the source fails': () => client.fail(40170, 401),
  'the source forbids': () => client.fail(40300, 403),
  'the server refuses': () => client.refuse(),
  'the next timer fires': () => client.untilSomethingHappens(),
  forget: async () => client.auth.forget(),
});

const compare = (client: ClientUnderTest, state: AnyMachineSnapshot): void => {
  const expected = state.context as Expected;
  const seen = publicState[String(state.value)];
  const isAcquiring = state.value === 'requesting' || state.value === 'renewing';
  expect({
    value: client.auth.state.value,
    final: client.auth.state.final,
    live: client.auth.tokenDetails !== null,
    running: client.live.length,
    fetches: client.fetches.length,
    waiting: client.pending,
    said: client.said,
  }).toEqual({
    value: seen?.value,
    final: seen?.final,
    live: expected.live,
    running: isAcquiring ? 1 : 0,
    fetches: expected.fetches,
    waiting: expected.waiting,
    said: expected.said,
  });
  expect(seen?.live).toSatisfy((live) => live === 'either' || live === expected.live);
};

describe('the client, against the model of renewal', () => {
  const paths = model.getShortestPaths();

  it('has paths along every edge of the model', () => {
    const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
    console.log(`renewal model: ${paths.length} paths, ${steps} steps`);
    const taken = new Set(paths.flatMap((path) => path.steps.map((step) => step.event.type)));
    expect([...taken].filter((type) => String(type) !== 'xstate.init').sort()).toEqual(
      [...modelEvents].sort(),
    );
    expect(paths.length).toBeGreaterThan(50);
  });

  it.each(paths.map((path) => [path.description, path] as const))('%s', async (_title, path) => {
    const client = new ClientUnderTest();
    const run = executors(client);
    // The traversal merges states that differ in counters only, so the model is replayed beside the client.
    const expected = createActor(renewalModel).start();
    const step = (type: ModelEvent['type']) => async () => {
      await run[type]();
      expected.send({ type });
    };
    await path.test({
      states: { '*': () => compare(client, expected.getSnapshot()) },
      events: Object.fromEntries(modelEvents.map((type) => [type, step(type)])),
    });
    client.auth.dispose();
    expect(client.live).toHaveLength(0);
    expect(client.clock.pending).toBe(0);
  });
});
