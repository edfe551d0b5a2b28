import type { InspectionEvent, StateValue } from 'xstate';
import { edgeId, readable } from './chart.js';
import type { Step, View } from './messages.js';

/** The machine an inspected actor is of, if it is one that is shown; its actors are named after it. */
export type MachineOf = (actorId: string) => string | undefined;

/** A step, and what it made of its machine. */
export interface TakenStep {
  readonly step: Step;
  readonly active: View['active'];
  /** Whether the actor shows it: it is told of before the actor has it, and before other steps of one turn. */
  readonly isOver: () => boolean;
}

/** What an inspection event tells of a machine's way through its chart; of the event, the name alone. */
export function stepOf(event: InspectionEvent, machineOf: MachineOf): TakenStep | undefined {
  if (event.type !== '@xstate.microstep' || !('id' in event.actorRef)) return undefined;
  const { actorRef, snapshot } = event;
  const machine = machineOf(String(actorRef.id));
  if (machine === undefined) return undefined;
  const edges = event._transitions.flatMap(({ source, target }) =>
    (target ?? []).map((state) => edgeId(source, state)),
  );
  if (edges.length === 0) return undefined;
  const before = actorRef.getSnapshot();
  return {
    step: { machine, event: readable(event.event.type), edges },
    active: 'value' in snapshot ? { [machine]: activeIds(snapshot.value as StateValue, machine) } : {},
    isOver: () => actorRef.getSnapshot() !== before,
  };
}

/** Ids of a machine's active states, outermost first. */
export function activeIds(value: StateValue, parent: string): string[] {
  if (typeof value === 'string') return [`${parent}.${value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const id = `${parent}.${key}`;
    return inner === undefined ? [id] : [id, ...activeIds(inner, id)];
  });
}
