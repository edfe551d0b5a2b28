import { Auth } from '../auth.js';
import { type Clock, systemClock } from '../clock.js';
import { endConnection, isMadeFor, makeFor } from '../connection/made-for.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { logIn } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { soon } from '../platform/globals.js';
import { checkAuth } from './check-auth.js';
import { lazyAuth } from './lazy-auth.js';

/** The client that a provider shows to its components. */
export interface ClientSource {
  readonly auth: Auth;
  /** The client, if it was made already. Rendering reads this property, which must not make a client. */
  readonly made: Auth | undefined;
}

/** A client that a provider made, and must dispose of. */
interface Owned {
  readonly client: Auth;
  /** The connection that was made with it. Null: there is none, it existed before, or the client closes it. */
  readonly connection: ConnectionAdapter | null;
}

/** Owners whose provider was unmounted. They dispose of their clients at the end of the turn. */
const leaving = new Set<ClientOwner>();

const failed = faultLog(logIn({}), 'the end of a client that a provider made');

/** How long a client that was used while rendering waits until React mounts that render, ms. */
const UNPLACED_MS = 10_000;

/**
 * Makes a client at first use, and disposes of it when its provider is removed for good, together with the
 * connection that was made for it.
 *
 * Rendering alone makes no client, so a server and a discarded render have nothing to clean up; until then
 * the hooks show the values of an unused client. A call while rendering makes a client; it is disposed of if
 * React discards that render. Strict mode unmounts and mounts again within one task, which does not dispose
 * of the client.
 */
export class ClientOwner implements ClientSource {
  readonly auth: Auth = lazyAuth(
    () => this.#used(),
    () => !this.#isPlaced && this.#owned === undefined,
  );
  readonly #create: () => Auth;
  readonly #clock: Clock;
  #owned: Owned | undefined;
  /** Whether React has mounted the provider. Before that, React may discard its render. */
  #isPlaced = false;
  #mounts = 0;
  #isOver = false;

  constructor(create: () => Auth, clock: Clock = systemClock) {
    this.#create = create;
    this.#clock = clock;
  }

  get made(): Auth | undefined {
    return this.#owned?.client;
  }

  /** Marks the provider as mounted. @returns the function to call when React removes the provider from the tree */
  place(): () => void {
    this.begin();
    leaving.delete(this);
    return () => this.#leave();
  }

  /** Called again when a hidden `<Activity>` is shown again: then the provider makes a new client. */
  begin(): void {
    this.#isPlaced = true;
    if (this.#isOver) this.#owned = undefined;
    this.#isOver = false;
  }

  /** Counts a mount. @returns the function to call when the provider unmounts */
  mount(): () => void {
    this.begin();
    this.#mounts += 1;
    leaving.delete(this);
    return () => {
      this.#mounts -= 1;
      this.#leave();
    };
  }

  /**
   * The client. After disposal: the disposed client, or a client that was never used; each answers every call
   * with 80017.
   */
  #used(): Auth {
    this.#owned ??= this.#isOver ? { client: endedAuth(), connection: null } : this.#make();
    return this.#owned.client;
  }

  #make(): Owned {
    // A connection serves one client, so the clients of removed providers release their connections first.
    for (const other of leaving) if (other !== this) other.#end();
    const key = {};
    const client = checkAuth('what create returns', makeFor(key, this.#create));
    const { connection } = client;
    if (!this.#isPlaced) this.#clock.setTimeout(() => this.#isPlaced || this.#leave(), UNPLACED_MS);
    return { client, connection: connection && isMadeFor(connection, key) ? connection : null };
  }

  #leave(): void {
    leaving.add(this);
    soon(() => {
      if (this.#mounts === 0) this.#end();
    });
  }

  #end(): void {
    if (!leaving.delete(this) || this.#isOver) return;
    this.#isOver = true;
    const owned = this.#owned;
    // An adapter is user code. It is closed before its client is disposed of: without a client it would abort
    // its work.
    callUser(() => owned?.connection && endConnection(owned.connection), failed);
    callUser(() => owned?.client.dispose(), failed);
  }
}

/** A disposed client, for calls after the end: nothing would dispose of a new one. */
function endedAuth(): Auth {
  const auth = new Auth({ authCallback: () => '' });
  auth.dispose();
  return auth;
}
