import type { AnyActorRef, AnyStateMachine } from 'xstate';
import type { Auth, ConnectionAdapter } from '../index.js';
import { chartOf } from './chart.js';
import type { Chart, View } from './messages.js';
import { activeIds } from './steps.js';

/** The machines of a client that are shown, by the names of their actors. */
const MACHINES = ['auth', 'acquisition', 'connection'] as const;

/** A client with its connection and its machines, as something to look at. It only looks. */
export class Subject {
  readonly auth: Auth;
  readonly charts: readonly Chart[];
  /** Who can be asked to be told each step of a machine. */
  readonly systems: readonly AnyActorRef['system'][];
  readonly #connection: ConnectionAdapter | null;
  readonly #connectionActor: AnyActorRef | null;

  constructor(auth: Auth, connection: ConnectionAdapter | null = auth.connection) {
    this.auth = auth;
    this.#connection = connection;
    this.#connectionActor = actorOf(connection);
    const machines = [
      machineOf(auth.actor),
      acquisitionOf(machineOf(auth.actor)),
      machineOf(this.#connectionActor),
    ];
    this.charts = machines.flatMap((machine) => (machine === undefined ? [] : [chartOf(machine)]));
    this.systems = [auth.actor.system, ...(this.#connectionActor ? [this.#connectionActor.system] : [])];
  }

  /** The machine an actor is of, where its chart is shown. */
  readonly machineOf = (actorId: string): string | undefined => MACHINES.find((name) => name === actorId);

  /** Ids of the active states of the machines that run, outermost first. */
  get active(): View['active'] {
    const { actor } = this.auth;
    const children = actor.getSnapshot().children as Record<string, AnyActorRef | undefined>;
    const actors = { auth: actor, acquisition: children.acquisition, connection: this.#connectionActor };
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

/** The auth machine knows the machine of the actors it starts. */
function acquisitionOf(machine: AnyStateMachine | undefined): AnyStateMachine | undefined {
  const logic: unknown = machine?.implementations.actors.acquisition;
  return isMachine(logic) ? logic : undefined;
}

function isMachine(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'implementations' in logic;
}

/** A connection of any make may be an XState actor's, and show it. */
function actorOf(connection: ConnectionAdapter | null): AnyActorRef | null {
  if (connection === null || !('actor' in connection)) return null;
  const { actor } = connection;
  const isActor = typeof actor === 'object' && actor !== null && 'getSnapshot' in actor && 'system' in actor;
  return isActor ? (actor as AnyActorRef) : null;
}
