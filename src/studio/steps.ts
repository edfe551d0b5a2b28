import type { InspectionEvent } from 'xstate';
import { edgeId, readable } from './chart.js';
import type { Step } from './messages.js';

/** Hears an actor's steps, as an XState inspector; of an event it keeps the name alone. */
export class StepListener {
  readonly #actorId: string;
  readonly #listeners = new Set<(step: Step) => void>();

  /** @param actorId whose steps: the id of the root actor */
  constructor(actorId = 'auth') {
    this.#actorId = actorId;
  }

  /** To be given to a client as its option `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep' || this.#listeners.size === 0) return;
    if (!('id' in event.actorRef) || event.actorRef.id !== this.#actorId) return;
    const edges = event._transitions.flatMap(({ source, target }) =>
      (target ?? []).map((state) => edgeId(source, state)),
    );
    if (edges.length === 0) return;
    for (const listener of this.#listeners) listener({ event: readable(event.event.type), edges });
  };

  subscribe(listener: (step: Step) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
