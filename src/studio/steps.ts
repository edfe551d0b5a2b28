import type { InspectionEvent } from 'xstate';
import { edgeId, readable } from './chart.js';
import type { Step } from './messages.js';

/** The machine an inspected actor is of, if it is one that is shown; its actors are named after it. */
export type MachineOf = (actorId: string) => string | undefined;

/** What an inspection event tells of a machine's way through its chart; of the event, the name alone. */
export function stepOf(event: InspectionEvent, machineOf: MachineOf): Step | undefined {
  if (event.type !== '@xstate.microstep' || !('id' in event.actorRef)) return undefined;
  const machine = machineOf(String(event.actorRef.id));
  if (machine === undefined) return undefined;
  const edges = event._transitions.flatMap(({ source, target }) =>
    (target ?? []).map((state) => edgeId(source, state)),
  );
  return edges.length === 0 ? undefined : { machine, event: readable(event.event.type), edges };
}
