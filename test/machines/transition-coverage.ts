import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** Which of a machine's transitions were taken by the actors it watched, and which by none. */
export class TransitionCoverage {
  readonly #all: string[];
  readonly #taken = new Set<string>();

  constructor(machine: AnyStateMachine) {
    this.#all = [...new Set(transitionsOf(machine.root).map(nameOf))];
  }

  /** For the `inspect` option of an actor. */
  readonly inspect = (event: unknown): void => {
    const { type, _transitions } = event as { type: string; _transitions?: AnyTransitionDefinition[] };
    if (type === '@xstate.microstep') for (const one of _transitions ?? []) this.#taken.add(nameOf(one));
  };

  report(): { taken: number; all: number; missing: string[] } {
    const missing = this.#all.filter((name) => !this.#taken.has(name));
    return { taken: this.#all.length - missing.length, all: this.#all.length, missing };
  }
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  const own = [...node.transitions.values(), node.always ?? []].flat();
  return [...own, ...Object.values(node.states).flatMap(transitionsOf)];
}

function nameOf({ source, eventType, guard, target }: AnyTransitionDefinition): string {
  const condition = typeof guard === 'string' ? guard : (guard as { type?: string } | undefined)?.type;
  const where = target?.map((node) => node.id).join(', ') ?? 'stays';
  return `${source.id} · ${eventType} · ${condition ?? 'always'} → ${where}`;
}
