import type { AnyActorRef } from 'xstate';
import type { AuthEvents, ConnectionAdapter } from '../index.js';
import { shownAddress } from '../log/shown-address.js';
import { fieldOf, textIn } from '../redaction/received.js';
import type { ConnectionFacts } from './messages.js';

type Change = Parameters<AuthEvents['connection.changed']>[0];

/** What is known of a connection: what it reports, and what the actor of a RealtimeConnection knows in addition. */
export class ConnectionWatch {
  readonly #connection: ConnectionAdapter;
  readonly #actor: AnyActorRef | null;
  #error: ConnectionFacts['error'] = null;
  /** Counted for adapters that do not count by themselves. */
  #tries = 0;
  #state: ConnectionFacts['state'];
  #nextTryAt: number | null = null;

  constructor(connection: ConnectionAdapter, actor: AnyActorRef | null) {
    this.#connection = connection;
    this.#actor = actor;
    this.#state = connection.state;
  }

  /** The connection has another state. @param now by the client's clock, ms since the epoch */
  changed({ state, reason, retryInMs }: Change, now: number): void {
    this.#nextTryAt = retryInMs === undefined ? null : now + retryInMs;
    if (reason !== undefined) this.#error = { code: reason.code, message: reason.message };
    if (state !== 'connecting' && state !== 'disconnected' && state !== 'suspended') this.#tries = 0;
    // The loss of a connection is not a failed try.
    else if (state !== 'connecting' && this.#state === 'connecting') this.#tries += 1;
    this.#state = state;
    // While it connects again, the reason is still that of the loss.
    if (state === 'connected' || state === 'closed' || state === 'initialized') this.#error = null;
  }

  facts(now: number): ConnectionFacts {
    const { state } = this.#connection;
    const context = fieldOf(this.#actor?.getSnapshot(), 'context');
    const retries = fieldOf(context, 'retries');
    const address = fieldOf(this.#connection, 'address');
    return {
      state,
      id: textIn(this.#connection, 'id') ?? null,
      address: typeof address === 'string' ? shownAddress(address) : null,
      error: this.#error ?? null,
      tries: typeof retries === 'number' ? retries : this.#tries,
      nextTryAt: state === 'disconnected' || state === 'suspended' ? this.#nextTryAt : null,
      forgottenAt: state === 'suspended' ? null : forgottenAt(context, now),
    };
  }
}

/** When the server forgets a lost connection, by the context of a RealtimeConnection. null: it knows none. */
function forgottenAt(context: unknown, now: number): number | null {
  if (fieldOf(context, 'key') == null) return null;
  const [lostAt, ttlMs] = [fieldOf(context, 'lostAt'), fieldOf(context, 'stateTtlMs')];
  if (typeof lostAt !== 'number' || typeof ttlMs !== 'number') return null;
  const monotonic = monotonicIn(fieldOf(context, 'ports'));
  return monotonic === undefined ? null : Math.round(now + lostAt + ttlMs - monotonic);
}

/** The reading of the clock in a box of ports. */
function monotonicIn(ports: unknown): number | undefined {
  try {
    const { clock } = (ports as { expose(): { clock: { monotonic(): number } } }).expose();
    return clock.monotonic();
  } catch {
    return undefined;
  }
}
