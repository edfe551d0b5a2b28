import type { InspectionEvent, StateValue } from 'xstate';
import { stepInWords } from '../sharing/step-words.js';
import { edgeId, readable } from './chart.js';
import type { Step, View } from './messages.js';

/**
 * The name of the machine of an inspected actor, if the studio shows it. Actors are named after their
 * machines.
 */
export type MachineOf = (actorId: string) => string | undefined;

/** A step, and the states that it made active. */
export interface TakenStep {
  readonly step: Step;
  readonly active: View['active'];
  /** Whether the actor shows the result. XState reports a step before the actor has taken it. */
  readonly isOver: () => boolean;
}

/**
 * The step that an inspection event describes, of a machine or of its acquisition. It contains only the
 * event's type.
 */
export function stepOf(event: InspectionEvent, machineOf: MachineOf): TakenStep | undefined {
  if (!('id' in event.actorRef)) return undefined;
  const { actorRef } = event;
  const machine = machineOf(String(actorRef.id));
  if (machine === undefined) return undefined;
  if (event.type === '@xstate.event') {
    const step = acquisitionStep(machine, event.event);
    return step && { step, active: {}, isOver: () => true };
  }
  if (event.type !== '@xstate.microstep') return undefined;
  const { snapshot } = event;
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

/** The ids of a machine's active states, outermost first. */
export function activeIds(value: StateValue, parent: string): string[] {
  if (typeof value === 'string') return [`${parent}.${value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const id = `${parent}.${key}`;
    return inner === undefined ? [id] : [id, ...activeIds(inner, id)];
  });
}

function acquisitionStep(machine: string, event: { readonly type: string }): Step | undefined {
  if (event.type !== 'acquisition.step') return undefined;
  const { step, previousMs } = event as unknown as Record<string, unknown>;
  const before = typeof previousMs === 'number' ? `, the previous step took ${previousMs} ms` : '';
  return { machine, event: `acquisition ${stepInWords(String(step))}${before}`, edges: [] };
}
