import type { StateValue } from 'xstate';
import { authMachine } from '../../machines/index.js';
import type { Auth, AuthEventName, AuthEvents, Clock, ConnectionState, ErrorInfo } from '../index.js';
import { chartOf } from './chart.js';
import type { ErrorFacts, Happening, Lifetime, Step, StudioMessage, View } from './messages.js';
import type { StepListener } from './steps.js';
import { type Payload, toldEvents, type Words, wordsFor } from './words.js';

/** What there is to be shown. */
export interface FeedSources {
  readonly auth: Auth;
  readonly connection: { readonly state: ConnectionState; readonly id: string | null };
  /** The clock the client goes by. */
  readonly clock: Clock;
  /** The inspector the client was made with. */
  readonly steps: StepListener;
  readonly isSourceUp: () => boolean;
}

/** How many happenings are kept for a page that connects later. */
const KEPT = 200;

/**
 * Turns a client, its connection and its machine into plain messages. It only listens, and what it
 * tells is made field by field from what holds no secret.
 */
export class Feed {
  readonly #sources: FeedSources;
  readonly #listeners = new Set<(message: StudioMessage) => void>();
  readonly #undo: (() => void)[] = [];
  readonly #chart = chartOf(authMachine);
  #happenings: Happening[] = [];
  #lastStep: Step | null = null;
  #count = 0;
  #isDue = false;

  constructor(sources: FeedSources) {
    this.#sources = sources;
    for (const name of toldEvents) this.#listen(name);
    this.#undo.push(
      sources.steps.subscribe((step) => {
        this.#lastStep = step;
        this.#tell({ type: 'step', step });
      }),
    );
    const { unsubscribe } = sources.auth.actor.subscribe({ next: () => this.refresh(), error: () => {} });
    this.#undo.push(unsubscribe);
  }

  /** Calls `listener` with a snapshot at once, and with everything after it. */
  subscribe(listener: (message: StudioMessage) => void): () => void {
    const [chart, happenings, lastStep] = [this.#chart, this.#happenings, this.#lastStep];
    listener({ type: 'snapshot', chart, view: this.view, happenings, lastStep });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds something that the client itself does not tell. */
  note(words: Words): void {
    const happening: Happening = { ...words, id: ++this.#count, at: this.#sources.clock.now() };
    this.#happenings = [...this.#happenings, happening].slice(-KEPT);
    this.#tell({ type: 'happening', happening });
    this.refresh();
  }

  /** Tells how things stand, once what happens at the moment has happened. */
  refresh(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#tell({ type: 'view', view: this.view });
    });
  }

  get view(): View {
    const { auth, clock, connection, isSourceUp } = this.#sources;
    const { value, reason, attempts, final, next, error } = auth.state;
    const snapshot = auth.actor.getSnapshot();
    return {
      now: clock.now(),
      state: {
        value,
        reason,
        attempts,
        final: final ?? false,
        next: next ?? null,
        error: error === null ? null : errorFacts(error),
      },
      active: activeIds(snapshot.value, authMachine.id),
      token: snapshot.context.held?.facts ?? null,
      lifetime: lifetimeOf(snapshot.context.held, clock),
      clientId: auth.clientId,
      connection: { state: connection.state, id: connection.id },
      source: isSourceUp() ? 'up' : 'down',
    };
  }

  dispose(): void {
    for (const undo of this.#undo) undo();
    this.#listeners.clear();
  }

  #listen<Name extends AuthEventName>(name: Name): void {
    const take = (payload: Payload<Name>): void => {
      const words = wordsFor(name, payload);
      if (words !== null) this.note(words);
      this.refresh();
    };
    this.#undo.push(this.#sources.auth.on(name, take as AuthEvents[Name]));
  }

  #tell(message: StudioMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}

function activeIds(value: StateValue, parent: string): string[] {
  if (typeof value === 'string') return [`${parent}.${value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const id = `${parent}.${key}`;
    return inner === undefined ? [id] : [id, ...activeIds(inner, id)];
  });
}

function errorFacts({ code, statusCode, message, remediation }: ErrorInfo): ErrorFacts {
  return { code, statusCode, message, remediation: remediation ?? null };
}

/** The machine plans on the monotonic clock; people read the other. */
function lifetimeOf(
  held: { receivedAt: number; renewAt: number; diesAt: number } | null,
  clock: Clock,
): Lifetime | null {
  if (held === null || !Number.isFinite(held.diesAt)) return null;
  const offset = clock.now() - clock.monotonic();
  return {
    receivedAt: Math.round(held.receivedAt + offset),
    diesAt: Math.round(held.diesAt + offset),
    renewAt: Number.isFinite(held.renewAt) ? Math.round(held.renewAt + offset) : null,
  };
}
