import { inspect } from 'node:util';
import type { Auth, AuthEventName } from '../../src/index.js';
import { SecretSearch } from './secret-search.js';

/** All that a client tells. */
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

/** Keeps what a client shows and what it was given, and notes what breaks an invariant. */
export class Watch {
  readonly problems: string[] = [];
  readonly #search = new SecretSearch();
  /** Events, inspection events, errors, snapshots: not searched for secrets yet. */
  #shown: unknown[] = [];
  /** Objects of the application's, as they were. */
  readonly #given = new Map<object, string>();

  problem(invariant: number, what: string): void {
    this.problems.push(`invariant ${invariant}: ${what}`);
  }

  show(...shown: unknown[]): void {
    this.#shown.push(...shown);
  }

  /** A secret that the client made up. */
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

  /** The client itself, as deep as it goes: its actor has changed since it was looked at. */
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
