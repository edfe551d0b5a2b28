import { Auth } from '../auth.js';
import { type Clock, systemClock } from '../clock.js';
import { endConnection, isMadeFor, makeFor } from '../connection/made-for.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { logIn } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { checkAuth } from './check-auth.js';
import { lazyAuth } from './lazy-auth.js';

/** The client that a provider shows to those below it. */
export interface ClientSource {
  readonly auth: Auth;
  /** The client, if there is one already. Rendering asks here: it must make nothing. */
  readonly made: Auth | undefined;
}

/** What a provider made, and ends. */
interface Owned {
  readonly client: Auth;
  /** The connection that was made with it; null: there is none, it was there before, or the client ends it itself. */
  readonly connection: ConnectionAdapter | null;
}

/** Those whose provider is gone, and that end when the turn does. */
const leaving = new Set<ClientOwner>();

const failed = faultLog(logIn({}), 'the end of a client that a provider made');

/** How long a client that was used while rendering waits for that render to be taken into the page, ms. */
const UNPLACED_MS = 10_000;

/**
 * Makes a client when it is first used, and ends it when its provider is gone for good: with the connection
 * that was made for it, and without one that was there before.
 *
 * Rendering alone makes none, so a server has nothing to clean up, and neither has a render that React
 * throws away: what is read of the client then is what the hooks show. One that is made all the same, by a
 * call while rendering, ends by itself where that render comes to nothing. Strict mode unmounts and mounts
 * again within one task: that is no end.
 */
export class ClientOwner implements ClientSource {
  readonly auth: Auth = lazyAuth(
    () => this.#used(),
    () => !this.#isPlaced && this.#owned === undefined,
  );
  readonly #create: () => Auth;
  readonly #clock: Clock;
  #owned: Owned | undefined;
  /** Whether its provider was ever more than a render that may be thrown away. */
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

  /** @returns what to call when the provider is taken out of the tree */
  place(): () => void {
    this.begin();
    leaving.delete(this);
    return () => this.#leave();
  }

  /** A hidden `<Activity>` unmounts and may come back much later, with a client of its own. */
  begin(): void {
    this.#isPlaced = true;
    if (this.#isOver) this.#owned = undefined;
    this.#isOver = false;
  }

  /** @returns what to call when the provider unmounts */
  mount(): () => void {
    this.begin();
    this.#mounts += 1;
    leaving.delete(this);
    return () => {
      this.#mounts -= 1;
      this.#leave();
    };
  }

  /** After the end: the client that was, or one that never was; either answers each call with 80017. */
  #used(): Auth {
    this.#owned ??= this.#isOver ? { client: endedAuth(), connection: null } : this.#make();
    return this.#owned.client;
  }

  #make(): Owned {
    // A connection serves one client: whoever takes the place of another may want the connection of that one.
    for (const other of leaving) if (other !== this) other.#end();
    const key = {};
    const client = checkAuth('what create returns', makeFor(key, this.#create));
    const { connection } = client;
    if (!this.#isPlaced) this.#clock.setTimeout(() => this.#isPlaced || this.#leave(), UNPLACED_MS);
    return { client, connection: connection && isMadeFor(connection, key) ? connection : null };
  }

  #leave(): void {
    leaving.add(this);
    queueMicrotask(() => {
      if (this.#mounts === 0) this.#end();
    });
  }

  #end(): void {
    if (!leaving.delete(this) || this.#isOver) return;
    this.#isOver = true;
    const owned = this.#owned;
    // An adapter is somebody else's code. It goes first: without its client it would break off what it began.
    callUser(() => owned?.connection && endConnection(owned.connection), failed);
    callUser(() => owned?.client.dispose(), failed);
  }
}

/** Whoever calls it is too late; nobody would dispose of a client made now. */
function endedAuth(): Auth {
  const auth = new Auth({ authCallback: () => '' });
  auth.dispose();
  return auth;
}
