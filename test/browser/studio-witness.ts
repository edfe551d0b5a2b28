import type { StateValue } from 'xstate';
import type { AuthEvents, ErrorInfo } from '../../src/index.js';
import { describedEvents, wordsFor } from '../../src/studio/words.js';
import type { OpenStudio } from './open-studio.js';

/** The state of the client and its connection at an event, without the studio. */
export interface Witnessed {
  readonly title: string;
  readonly state: string;
  readonly connection: string;
  readonly clientId: string;
}

/** What went wrong last, without the studio. */
export interface WitnessedTrouble {
  readonly code: number;
  readonly message: string;
  readonly reason: string;
}

/** Listens to the client of a studio, beside the studio. */
export class Witness {
  readonly events: Witnessed[] = [];
  /** The states that each step of the two machines made active, outermost first. */
  readonly steps: { readonly machine: string; readonly state: string }[] = [];
  trouble: WitnessedTrouble | undefined;
  /** Why the current token was obtained. */
  acquired: AuthEvents['renewed'] extends (acquired: infer One) => void ? One | undefined : never;

  constructor({ demo }: OpenStudio) {
    const { auth, connection } = demo.demo;
    for (const name of describedEvents) {
      const take = (payload: never) => {
        const words = wordsFor(name, payload);
        const error = (payload as { error?: ErrorInfo; reason?: unknown }).error;
        const reason = (payload as { reason?: ErrorInfo }).reason;
        const isLoss =
          name === 'connection.changed' &&
          /^(disconnected|suspended|failed|clos)/.test((payload as { state: string }).state);
        const failure = name === 'state' ? undefined : (error ?? (isLoss ? reason : undefined));
        if (failure != null) this.trouble = failure;
        if (name === 'authorized' || name === 'renewed') this.acquired = payload;
        if (words === null) return;
        this.events.push({
          title: words.title,
          state: auth.state.value,
          connection: connection.state,
          clientId: auth.clientId ?? 'anonymous',
        });
      };
      auth.on(name, take as AuthEvents[typeof name]);
    }
    for (const { system } of [auth.actor, connection.actor]) {
      system.inspect((event) => {
        if (event.type !== '@xstate.microstep' || !('id' in event.actorRef)) return;
        const machine = String(event.actorRef.id);
        const isTaken = event._transitions.some(({ target }) => (target ?? []).length > 0);
        if (!isTaken || !['auth', 'connection'].includes(machine)) return;
        const { value } = event.snapshot as unknown as { value: StateValue };
        this.steps.push({
          machine,
          state: typeof value === 'string' ? value : (Object.keys(value)[0] ?? ''),
        });
      });
    }
  }
}
