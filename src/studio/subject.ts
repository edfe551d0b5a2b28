import type { AnyActorRef, AnyStateMachine } from 'xstate';
import type { Auth, ConnectionAdapter } from '../index.js';
import { chartOf } from './chart.js';
import type { Chart, View } from './messages.js';
import { activeIds } from './steps.js';

/** The machines that the studio shows, by the names of their actors. */
const MACHINES = ['auth', 'connection'] as const;

/** A client with its connection and their machines, for reading only. */
export class Subject {
  readonly auth: Auth;
  readonly charts: readonly Chart[];
  /** The actor systems that can be inspected. */
  readonly systems: readonly AnyActorRef['system'][];
  readonly #connection: ConnectionAdapter | null;
  readonly #connectionActor: AnyActorRef | null;

  constructor(auth: Auth, connection: ConnectionAdapter | null = auth.connection) {
    this.auth = auth;
    this.#connection = connection;
    this.#connectionActor = actorOf(connection);
    const machines = [machineOf(auth.actor), machineOf(this.#connectionActor)];
    this.charts = machines.flatMap((machine) => (machine === undefined ? [] : [chartOf(machine)]));
    this.systems = [auth.actor.system, ...(this.#connectionActor ? [this.#connectionActor.system] : [])];
  }

  /** The name of an actor's machine, if the studio shows its chart. */
  readonly machineOf = (actorId: string): string | undefined => MACHINES.find((name) => name === actorId);

  /** The ids of the active states of the running machines, outermost first. */
  get active(): View['active'] {
    const actors = { auth: this.auth.actor, connection: this.#connectionActor };
    return Object.fromEntries(
      Object.entries(actors).flatMap(([name, one]) => {
        const snapshot = one?.getSnapshot();
        return snapshot?.status === 'active' ? [[name, activeIds(snapshot.value, name)]] : [];
      }),
    );
  }

  get connection(): View['connection'] {
    if (this.#connection === null) return null;
    const { state } = this.#connection;
    const id = 'id' in this.#connection ? this.#connection.id : null;
    return { state, id: typeof id === 'string' ? id : null };
  }
}

function machineOf(actor: AnyActorRef | null): AnyStateMachine | undefined {
  if (actor === null || !('logic' in actor)) return undefined;
  return isMachine(actor.logic) ? actor.logic : undefined;
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'implementations' in logic;
}

/** The actor of a connection. Any adapter may have one in its property `actor`. */
function actorOf(connection: ConnectionAdapter | null): AnyActorRef | null {
  if (connection === null || !('actor' in connection)) return null;
  const { actor } = connection;
  const isActor = typeof actor === 'object' && actor !== null && 'getSnapshot' in actor && 'system' in actor;
  return isActor ? (actor as AnyActorRef) : null;
}
