import { createTestModel, type TestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import { type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate';
import { authMachine } from '../../machines/auth.machine.js';
import { TransitionCoverage } from '../machines/transition-coverage.js';
import { ClientUnderTest, type View } from './client-under-test.js';

type ModelEvent = { readonly type: string };

/** A model, and how to apply its events to a real client. */
export interface Walk<Event extends string> {
  readonly name: string;
  readonly model: AnyStateMachine;
  /** What to do to a client for each of the model's events. */
  readonly run: Readonly<Record<Event, (client: ClientUnderTest) => Promise<void> | void>>;
  /**
   * The key of a state of the model: states with the same key are equal. Counters are included as far as they
   * matter.
   */
  keyOf(state: AnyMachineSnapshot): unknown;
  /** Whether a state is explored further. */
  isWorthwhile(state: AnyMachineSnapshot): boolean;
  /** The expected view of the client. */
  viewOf(state: AnyMachineSnapshot): View;
  /** The lifetime of its tokens, ms. */
  readonly lifeMs: number;
  /** The lowest number of paths: a walk without paths proves nothing. */
  readonly leastPaths: number;
}

/**
 * Walks along every edge of a model, and along each edge after each possible previous event, with a real
 * client beside it. After each step the view of the client must equal that of the model.
 */
export function walk<Event extends string>(one: Walk<Event>): void {
  const coverage = new TransitionCoverage(authMachine);
  const paths = pathsOf(one);
  const all = Object.keys(one.run) as Event[];

  describe(`the client, against the model of ${one.name}`, () => {
    it('the model has paths along every edge', () => {
      const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
      console.log(`model of ${one.name}: ${paths.length} paths, ${steps} steps`);
      const taken = new Set(paths.flatMap((path) => path.steps.map(({ event }) => event.type)));
      expect(all.filter((type) => !taken.has(type))).toEqual([]);
      expect(paths.length).toBeGreaterThan(one.leastPaths);
    });

    it('the client does what the model does, along each path', async () => {
      for (const path of paths) {
        const client = new ClientUnderTest(one.lifeMs, coverage.inspect);
        // Paths merge states that differ only in counters, so the model is replayed beside the client.
        const expected = createActor(one.model).start();
        const happened: string[] = [];
        const step = (type: Event) => async () => {
          happened.push(type);
          await one.run[type](client);
          expected.send({ type });
        };
        await path.test({
          states: {
            '*': () => {
              const how = happened.join(' → ');
              expect({ how, ...client.view }).toEqual({ how, ...one.viewOf(expected.getSnapshot()) });
            },
          },
          events: Object.fromEntries(all.map((type) => [type, step(type)])),
        });
        client.auth.dispose();
        expect([client.view.running, client.device.clock.pending]).toEqual([0, 0]);
      }
      const { taken, all: there } = coverage.report();
      console.log(`model of ${one.name}: ${taken} of the ${there} transitions of the auth machine taken`);
    });
  });
}

function pathsOf<Event extends string>({ model, run, keyOf, isWorthwhile }: Walk<Event>) {
  const key = (state: AnyMachineSnapshot) => JSON.stringify([state.value, keyOf(state)]);
  const traversal = {
    events: Object.keys(run).map((type) => ({ type })),
    // A path for each edge, not only for each state, and for each possible previous event.
    serializeState: (state: AnyMachineSnapshot, event?: ModelEvent, previous?: AnyMachineSnapshot) =>
      previous === undefined
        ? key(state)
        : `${previous.context.last} ${key(previous)} ${event?.type} ${key(state)}`,
    filter: isWorthwhile,
    traversalLimit: 100_000,
  };
  const testModel = createTestModel(remembering(model) as never, traversal as never) as unknown as TestModel<
    AnyMachineSnapshot,
    ModelEvent,
    unknown
  >;
  return testModel.getShortestPaths();
}

/** The same machine, whose states remember the event that led to them. */
function remembering(model: AnyStateMachine): AnyStateMachine {
  const transition: AnyStateMachine['transition'] = (state, event, scope) => {
    const next = model.transition(state, event, scope);
    return { ...next, context: { ...next.context, last: event.type } };
  };
  return Object.create(model, { transition: { value: transition } });
}
