import { Auth } from '../auth.js';
import { lazyAuth } from './lazy-auth.js';

/** The client that a provider shows to those below it. */
export interface ClientSource {
  readonly auth: Auth;
  /** The client, if there is one already. Rendering asks here: it must make nothing. */
  readonly made: Auth | undefined;
}

/**
 * Makes a client when it is first used, and disposes of it when its provider is gone for good.
 *
 * Rendering alone makes none, so a server has nothing to clean up, and neither has a render that React
 * throws away. Strict mode unmounts and mounts again within one task: that is no end.
 */
export class ClientOwner implements ClientSource {
  readonly auth: Auth = lazyAuth(() => this.#used());
  readonly #create: () => Auth;
  #client: Auth | undefined;
  #mounts = 0;
  #isOver = false;

  constructor(create: () => Auth) {
    this.#create = create;
  }

  get made(): Auth | undefined {
    return this.#client;
  }

  /** A hidden `<Activity>` unmounts and may come back much later, with a client of its own. */
  begin(): void {
    if (this.#isOver) this.#client = undefined;
    this.#isOver = false;
  }

  /** @returns what to call when the provider unmounts */
  mount(): () => void {
    this.begin();
    this.#mounts += 1;
    return () => {
      this.#mounts -= 1;
      queueMicrotask(() => this.#endIfUnmounted());
    };
  }

  /** After the end: the client that was, or one that never was; either answers each call with 80017. */
  #used(): Auth {
    this.#client ??= this.#isOver ? endedAuth() : this.#create();
    return this.#client;
  }

  #endIfUnmounted(): void {
    if (this.#mounts > 0 || this.#isOver) return;
    this.#isOver = true;
    this.#client?.dispose();
  }
}

/** Whoever calls it is too late; nobody would dispose of a client made now. */
function endedAuth(): Auth {
  const auth = new Auth({ authCallback: () => '' });
  auth.dispose();
  return auth;
}
