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

/** A machine as a graph: what it is fed with, and what makes a snapshot another one. */
export interface Graph {
  readonly machine: AnyStateMachine;
  /** One traversal for each: guards that ask the outside get another answer in each. */
  readonly inputs: readonly unknown[];
  /** Events with what they carry. Timers are added: each may fire whenever it likes. */
  readonly events: readonly AnyEventObject[];
  keyOf(context: AnyMachineSnapshot['context']): unknown;
}

export interface Explored {
  /** Snapshots that differ. */
  readonly snapshots: number;
  readonly edges: number;
  /** Events to the state that is furthest away. */
  readonly furthest: number;
  /** States that no way leads to. */
  readonly unreached: readonly string[];
  /** Transitions that no snapshot takes at any event. */
  readonly dead: readonly string[];
  readonly transitions: number;
}

/** Walks through everything a machine can do, without running any of it. */
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
    // What happens at once, without an event, is seen on running actors.
    dead: missing.filter((name) => !name.includes(' · at once · ')),
  };
}

/** The same machine, but in a system of its own at each step: two ways may have children by one name. */
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
      // A child that is stopped leaves its name to the next.
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

/** The names of what a machine hears from the actors it invokes. */
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

/** A state that nothing stays in. */
const isPassedThrough = (node: AnyStateNode): boolean =>
  node.always?.some(({ guard }) => guard === undefined) ?? false;

/** `connected.steady` */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, rest] = ['', '']] = Object.entries(value as object);
  return `${key}.${pathOf(rest)}`;
}
