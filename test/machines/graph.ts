import {
  type AnyActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createEmptyActor,
} from 'xstate';
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import { TransitionCoverage, transitionsOf } from './transition-coverage.js';

/** A machine as a graph: its inputs, and the key of a snapshot. */
export interface Graph {
  readonly machine: AnyStateMachine;
  /** One traversal for each input: guards that ask the outside get another answer in each. */
  readonly inputs: readonly unknown[];
  /** The events with their payloads. Timers are added: each may fire at any time. */
  readonly events: readonly AnyEventObject[];
  keyOf(context: AnyMachineSnapshot['context']): unknown;
}

export interface Explored {
  /** The number of different snapshots. */
  readonly snapshots: number;
  readonly edges: number;
  /** The number of events to the furthest state. */
  readonly furthest: number;
  /** States that cannot be reached. */
  readonly unreached: readonly string[];
  /** Transitions that no snapshot takes. */
  readonly dead: readonly string[];
  readonly transitions: number;
}

/** Visits everything that a machine can do, without running it. */
export function explore({ machine, inputs, events, keyOf }: Graph): Explored {
  const coverage = new TransitionCoverage(machine);
  const reached = new Set<string>();
  const all = [...events, ...timersOf(machine)];
  const count = { snapshots: 0, edges: 0, furthest: 0 };
  for (const input of inputs) {
    const options = {
      input,
      events: all,
      serializeState: (state: AnyMachineSnapshot) => JSON.stringify([state.value, keyOf(state.context)]),
      limit: 200_000,
    };
    const map = Object.values(getAdjacencyMap(alone(machine), options as never)) as unknown as {
      readonly state: AnyMachineSnapshot;
      readonly transitions: Readonly<Record<string, { readonly event: AnyEventObject }>>;
    }[];
    for (const { state, transitions } of map) {
      count.snapshots += 1;
      reached.add(pathOf(state.value));
      for (const { event } of Object.values(transitions)) {
        count.edges += 1;
        if (state.status === 'active') coverage.take(machine.getTransitionData(state, event));
      }
    }
    for (const { weight } of getShortestPaths(alone(machine), options as never))
      count.furthest = Math.max(count.furthest, weight);
  }
  const { missing, all: transitions } = coverage.report();
  return {
    ...count,
    transitions,
    unreached: leavesOf(machine.root)
      .filter((node) => !isPassedThrough(node) && !reached.has(node.path.join('.')))
      .map(({ id }) => id),
    // Eventless transitions are covered by tests with running actors.
    dead: missing.filter((name) => !name.includes(' · at once · ')),
  };
}

/** The same machine in a separate system at each step, because two paths may have children of one name. */
function alone(machine: AnyStateMachine): AnyStateMachine {
  const scope = (): AnyActorScope => {
    const self = createEmptyActor();
    const nothing = () => {};
    return {
      self,
      system: self.system as AnyActorScope['system'],
      id: 'alone',
      sessionId: 'alone',
      logger: nothing,
      defer: nothing,
      emit: nothing,
      stopChild: nothing,
      // A child that was stopped frees its name.
      actionExecutor: ({ type, exec, info, params }) => {
        if (type === 'xstate.stopChild') exec?.(info, params);
      },
    };
  };
  const transition: AnyStateMachine['transition'] = (state, event) =>
    machine.transition(state, event, scope());
  const getInitialSnapshot: AnyStateMachine['getInitialSnapshot'] = (_scope, input) =>
    machine.getInitialSnapshot(scope(), input);
  return Object.create(machine, {
    transition: { value: transition },
    getInitialSnapshot: { value: getInitialSnapshot },
  });
}

/** The names of the events from invoked actors. */
export function actorEventsOf(machine: AnyStateMachine, outcome: 'done' | 'error'): readonly string[] {
  const types = new Set(transitionsOf(machine.root).map(({ eventType }) => eventType));
  return [...types].filter((type) => type.startsWith(`xstate.${outcome}.actor.`));
}

function timersOf(machine: AnyStateMachine): AnyEventObject[] {
  const types = new Set(transitionsOf(machine.root).map(({ eventType }) => eventType));
  return [...types].filter((type) => type.startsWith('xstate.after.')).map((type) => ({ type }));
}

function leavesOf(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states) as AnyStateNode[];
  return children.length === 0 ? [node] : children.flatMap(leavesOf);
}

/** A state that is left at once. */
const isPassedThrough = (node: AnyStateNode): boolean =>
  node.always?.some(({ guard }) => guard === undefined) ?? false;

/** `connected.steady` */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, rest] = ['', '']] = Object.entries(value as object);
  return `${key}.${pathOf(rest)}`;
}
