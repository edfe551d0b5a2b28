import type { AnyActorRef, AnyStateMachine } from 'xstate';
import type { Auth, ConnectionAdapter } from '../index.js';
import { shownAddress } from '../log/shown-address.js';
import { fieldOf } from '../redaction/received.js';
import { isSecret } from '../token/secret.js';
import { chartOf } from './chart.js';
import { ConnectionWatch } from './connection-facts.js';
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
  readonly #adapter: ConnectionAdapter | null;
  readonly #connectionActor: AnyActorRef | null;

  constructor(auth: Auth, connection: ConnectionAdapter | null = auth.connection) {
    this.auth = auth;
    this.#adapter = connection;
    this.#connectionActor = actorOf(connection);
    this.connection = connection && new ConnectionWatch(connection, this.#connectionActor);
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

  /** What is known of the connection. null: the client has none. */
  readonly connection: ConnectionWatch | null;

  /** The name of the token source, or its address. */
  get source(): string {
    const { authOptions } = storedParams(this.auth);
    const url = fieldOf(authOptions, 'authUrl');
    if (fieldOf(authOptions, 'authCallback') !== undefined) return 'authCallback';
    if (isSecret(url)) return shownAddress(String(url.expose()));
    return fieldOf(authOptions, 'key') === undefined
      ? 'none: the token is a literal'
      : 'Ably, with an API key';
  }

  /** The address at which a failure happened. @param about what failed */
  addressOf(about: 'token' | 'connection'): string | null {
    return about === 'token' ? this.source : (this.connection?.facts(0).address ?? null);
  }

  /** Calls `listener` with each protocol message of the connection, if it reports them. */
  onTraffic(listener: (isSent: boolean, action: number, size: number) => void): () => void {
    const connection: unknown = this.#adapter;
    const watch = fieldOf(connection, 'onTraffic');
    if (typeof watch !== 'function') return () => {};
    const stop: unknown = watch.call(connection, listener);
    return typeof stop === 'function' ? () => void stop() : () => {};
  }
}

/** The stored parameters of a client, which its machine keeps in a box. */
function storedParams(auth: Auth): { readonly authOptions: unknown } {
  const { terms } = auth.actor.getSnapshot().context;
  return { authOptions: isSecret(terms) ? fieldOf(terms.expose(), 'authOptions') : undefined };
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
