import { inspect } from 'node:util';
import type { Auth, AuthEventName } from '../../src/index.js';
import { SecretSearch } from './secret-search.js';

/** All events of a client. */
export const events: readonly AuthEventName[] = [
  'state',
  'authorized',
  'renewed',
  'expiring',
  'expired',
  'failed',
  'renewal.failed',
  'identity.changed',
  'connection.open',
  'connection.upgrade',
  'connection.replace',
  'connection.fail',
  'connection.changed',
];

/** Keeps what a client shows and receives, and records broken invariants. */
export class Watch {
  readonly problems: string[] = [];
  readonly #search = new SecretSearch();
  /** Events, inspection events, errors and snapshots that were not searched for secrets yet. */
  #shown: unknown[] = [];
  /** Objects of the application, as they were. */
  readonly #given = new Map<object, string>();

  problem(invariant: number, what: string): void {
    this.problems.push(`invariant ${invariant}: ${what}`);
  }

  show(...shown: unknown[]): void {
    this.#shown.push(...shown);
  }

  /** Adds a secret that the client made. */
  secret(text: string): void {
    this.#search.add(text);
  }

  own<T extends object>(object: T): T {
    this.#given.set(object, JSON.stringify(object));
    return object;
  }

  checkObjects(): void {
    for (const [object, before] of this.#given) {
      if (JSON.stringify(object) !== before) this.problem(8, `an object was changed that held ${before}`);
    }
  }

  checkSecrets(auth: Auth): void {
    const text = JSON.stringify([auth, auth.state, auth.explain(), auth.actor.getSnapshot()]);
    if (this.#search.isSecret(text)) this.problem(5, 'a secret in what is shown of the client');
    const shown = this.#shown;
    this.#shown = [];
    for (const one of shown) this.#lookFor('in what happened', one);
  }

  /** Searches the client itself at any depth, because its actor has changed. */
  searchAll(auth: Auth): void {
    this.#search.startOver();
    this.#lookFor('at the end', [auth, auth.actor, auth.actor.getPersistedSnapshot()]);
    this.#lookFor('in what is printed', [inspect(auth, { depth: 4 })]);
  }

  #lookFor(where: string, value: unknown): void {
    const way = this.#search.find(value);
    if (way !== undefined) this.problem(5, `a secret ${where}: ${way}`);
  }
}
