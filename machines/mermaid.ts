import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** A machine as the text of a Mermaid state diagram. */
export function mermaid(machine: AnyStateMachine): string {
  const { root } = machine;
  return ['stateDiagram-v2', ...statesOf(root, 1), ...edgesOf(root)].join('\n');
}

function statesOf(node: AnyStateNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.values(node.states).flatMap((state) => {
    const isInitial = node.initial.target.includes(state);
    const entry = isInitial ? [`${indent}[*] --> ${idOf(state)}`] : [];
    const isNested = Object.keys(state.states).length > 0;
    const self = isNested
      ? [`${indent}state "${state.key}" as ${idOf(state)} {`, ...statesOf(state, depth + 1), `${indent}}`]
      : [`${indent}state "${state.key}" as ${idOf(state)}`];
    const end = state.type === 'final' ? [`${indent}${idOf(state)} --> [*]`] : [];
    return [...self, ...entry, ...end];
  });
}

function edgesOf(node: AnyStateNode): string[] {
  const own = [...node.transitions.values(), node.always ?? []].flat();
  const edges = own.flatMap((transition) =>
    (transition.target ?? []).map((target) => `  ${idOf(node)} --> ${idOf(target)}: ${labelOf(transition)}`),
  );
  return [
    ...new Set(node.parent === undefined ? edges.map((edge) => edge.replace(/^ {2}\S+/, '  any')) : edges),
    ...Object.values(node.states).flatMap(edgesOf),
  ];
}

function labelOf({ eventType, guard }: AnyTransitionDefinition): string {
  const name = eventName(eventType);
  const condition = guardName(guard);
  return condition === '' ? name : `${name} [${condition}]`;
}

/** XState's `xstate.after.something is due.auth.authorized` is shown as "after something is due". */
function eventName(type: string): string {
  const [kind, ...rest] = type.replace(/^xstate\./, '').split('.');
  if (!type.startsWith('xstate.')) return type === '' ? 'at once' : type;
  if (kind === 'after') return `after ${rest[0] ?? ''}`;
  // An actor of a state has a number, and an actor that a transition starts has a name.
  const [, actor = ''] = rest;
  return `${/^\d/.test(actor) ? 'it' : actor} ${kind === 'done' ? 'ends' : 'breaks'}`;
}

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return String(guard.type);
  return '';
}

function idOf(node: AnyStateNode): string {
  return node.path.join('_') || 'any';
}
