import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { type DirectedGraphNode, toDirectedGraph } from 'xstate/graph';
import type { Chart, ChartEdge, ChartState } from './messages.js';

/** The chart of a machine: its states, and one edge for each pair of states with transitions between them. */
export function chartOf(machine: AnyStateMachine): Chart {
  // The root state: a machine of another copy of XState is not recognised as a machine.
  const root = toDirectedGraph(machine.root as unknown as AnyStateMachine);
  const inner = root.children.flatMap(withDescendants);
  const transitions = inner.flatMap((node) => transitionsOf(node.stateNode));
  return {
    name: machine.id,
    states: root.children.map(stateOf),
    edges: mergedEdges(transitions, root.stateNode),
    fromAnywhere: transitionsOf(root.stateNode).flatMap(({ eventType, target, guard }) =>
      (target ?? []).map((state) => ({
        event: readable(eventType),
        target: state.id,
        ...(guard === undefined ? {} : { guard: guardName(guard) }),
      })),
    ),
  };
}

/** The id of the edge that a transition belongs to. */
export function edgeId(source: AnyStateNode, target: AnyStateNode): string {
  return `${source.id}→${target.id}`;
}

/**
 * The name of an event for readers: `xstate.after.the token expires.auth.authorized` becomes "after: the
 * token expires".
 */
export function readable(eventType: string): string {
  if (eventType === '') return 'at once';
  if (!eventType.startsWith('xstate.')) return eventType;
  const [, kind, what = '', child = what] = eventType.split('.');
  if (kind === 'after') return `after: ${what}`;
  if (kind === 'init') return 'start';
  // The actor of a state has only a number.
  const actor = /^\d/.test(child) ? 'its task' : child;
  return kind === 'done' ? `${actor} done` : `${actor} failed`;
}

function withDescendants(node: DirectedGraphNode): DirectedGraphNode[] {
  return [node, ...node.children.flatMap(withDescendants)];
}

function stateOf({ id, stateNode, children }: DirectedGraphNode): ChartState {
  const isInitial = stateNode.parent?.initial.target.includes(stateNode) ?? false;
  return { id, name: stateNode.key, isInitial, states: children.map(stateOf) };
}

/** All transitions of a state. `toDirectedGraph` leaves out those that need no event. */
function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values(), node.always ?? []].flat();
}

function mergedEdges(transitions: readonly AnyTransitionDefinition[], root: AnyStateNode): ChartEdge[] {
  const merged = new Map<string, { source: AnyStateNode; target: AnyStateNode; of: Condition[] }>();
  const places = new Map<string, number>();
  for (const transition of transitions) {
    const { source, eventType, guard } = transition;
    const place = places.get(source.id + eventType) ?? 0;
    places.set(source.id + eventType, place + 1);
    for (const target of transition.target ?? []) {
      // The machine itself is not drawn.
      if (target === root) continue;
      const id = edgeId(source, target);
      const entry = merged.get(id) ?? { source, target, of: [] };
      entry.of.push({ event: readable(eventType), guard: guardName(guard), place });
      merged.set(id, entry);
    }
  }
  return [...merged].map(([id, { source, target, of }]) => {
    const conditions = new Map(
      of.map(({ event, guard, place }) => [guard === '' ? event : `${event}, if ${guard}`, place]),
    );
    return {
      id,
      source: source.id,
      target: target.id,
      events: [...new Set(of.map(({ event }) => event))],
      conditions: [...conditions.keys()],
      places: [...conditions.values()],
    };
  });
}

interface Condition {
  readonly event: string;
  readonly guard: string;
  /** Its place among the alternatives of the same state and event. */
  readonly place: number;
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type);
  return '';
}
