import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Which of a machine's transitions were taken, and which were not. */
export class TransitionCoverage {
  readonly #all: readonly string[];
  readonly #taken = new Set<string>();

  constructor(machine: AnyStateMachine) {
    this.#all = transitionsOf(machine.root).map(nameOf);
  }

  /** For the `inspect` option of an actor: counts the transitions that it takes. */
  readonly inspect = (event: unknown): void => {
    const { type, _transitions } = event as { type: string; _transitions?: AnyTransitionDefinition[] };
    if (type === '@xstate.microstep') this.take(_transitions ?? []);
  };

  take(transitions: readonly AnyTransitionDefinition[]): void {
    for (const one of transitions) this.#taken.add(nameOf(one));
  }

  report(): { taken: number; all: number; missing: string[] } {
    const missing = this.#all.filter((name) => !this.#taken.has(name));
    return { taken: this.#all.length - missing.length, all: this.#all.length, missing };
  }
}

export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  const own = [...node.transitions.values(), node.always ?? []].flat();
  return [...own, ...Object.values(node.states).flatMap(transitionsOf)];
}

/** The name is unique even for similar transitions: it has the position among those of an event. */
function nameOf(transition: AnyTransitionDefinition): string {
  const { source, eventType, guard, target } = transition;
  const rivals = [...source.transitions.values(), source.always ?? []].find((one) =>
    one.includes(transition),
  );
  const condition = typeof guard === 'string' ? guard : (guard as { type?: string } | undefined)?.type;
  const where = target?.map((node) => node.id).join(', ') ?? 'stays';
  const place = (rivals?.indexOf(transition) ?? -1) + 1;
  return `${source.id} · ${eventType || 'at once'} · ${place}. ${condition ?? 'always'} → ${where}`;
}
