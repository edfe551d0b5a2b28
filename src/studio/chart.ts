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
    fromAnywhere: transitionsOf(root.stateNode).flatMap(({ eventType, target }) =>
      (target ?? []).map((state) => ({ event: readable(eventType), target: state.id })),
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
  return kind === 'done' ? `${child} done` : `${child} failed`;
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
  const merged = new Map<string, { source: AnyStateNode; target: AnyStateNode; of: string[][] }>();
  for (const transition of transitions) {
    const { source, eventType, guard } = transition;
    for (const target of transition.target ?? []) {
      // A state that re-enters itself only restarts its timers, and the machine itself is not drawn.
      if (target === source || target === root) continue;
      const id = edgeId(source, target);
      const entry = merged.get(id) ?? { source, target, of: [] };
      entry.of.push([readable(eventType), guardName(guard)]);
      merged.set(id, entry);
    }
  }
  return [...merged].map(([id, { source, target, of }]) => ({
    id,
    source: source.id,
    target: target.id,
    events: distinct(of.map(([event = '']) => event)),
    conditions: distinct(of.map(([event, guard]) => (guard === '' ? `${event}` : `${event}, if ${guard}`))),
  }));
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type);
  return '';
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
