import { type Part, part } from '../async/part.js';
import {
  checkNames,
  port as checkPort,
  invalidArgument,
  invalidOption,
  method,
  record,
} from '../checks/option-checks.js';
import { disposed } from '../errors/closed-errors.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { SharingMembership, SharingPort, SharingRequest, TokenSharing } from './port.js';

/** Whose tokens are shared. */
export interface SharingOptions {
  /**
   * Returns who is signed in, for example the id of the session or of the user. It is called whenever a token is needed.
   * Members share a token only while they return the same text. null: no user is signed in, and nothing is shared. Default: the
   * clientId of the client's options.
   */
  readonly session?: (() => string | null) | undefined;
  /**
   * Tells apart sources that look the same, such as two functions `authCallback` with different servers behind them.
   * Default: one for all functions; the address for `authUrl`, the name of the key for `key`.
   */
  readonly source?: string | undefined;
}

/** What members do, which is loaded when the first of them needs a token. */
export const sharedTokens = part(() => import('./shared-tokens.js'));

type SharedTokens = typeof sharedTokens extends Part<infer P> ? P : never;

/**
 * Lets clients share tokens over a store: one of them asks the source, and each uses the token. A client waits for the
 * others only a while; then it fetches a token itself.
 *
 * @param port the store; `latchkey/sharing/web`, `/redis` and `/host` have one each. null: there is none here, and each
 * client asks for itself
 * @throws {ErrorInfo} 40003 if an argument is invalid
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { shareTokens, type SharingPort } from 'latchkey/sharing';
 *
 * declare const myStore: SharingPort;
 *
 * const sharing = shareTokens(myStore, { session: () => 'ada' });
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', sharing });
 * console.log(auth.state.value);
 * ```
 * @see RSA10
 */
export function shareTokens(port: SharingPort | null, options: SharingOptions = {}): TokenSharing {
  const store = checkPort('port', port ?? undefined, ['read', 'write', 'subscribe', 'lease']);
  checkNames(record('options', options), ['session', 'source']);
  const { session, source } = options;
  method('session', session);
  if (source !== undefined && typeof source !== 'string') throw invalidOption('source', 'a text', source);
  return {
    addMember(member, signedOut) {
      if (session === undefined && member.clientId === undefined) throw unnamed();
      if (store === undefined) return alone;
      return new LateMembership(
        ({ Membership }) => new Membership(store, { session, source }, member, signedOut),
      );
    },
  };
}

/** The place of a client where there are no others. */
const alone: SharingMembership = {
  acquire: (request, signal) => request.fetch(signal),
  signOut: () => Promise.resolve(),
  leave() {},
};

const unnamed = (): ErrorInfo =>
  invalidArgument(
    'sharing does not know whose tokens they are: there is neither session nor clientId',
    'Pass session: () => the id of the session or user, or null while no user is signed in; or give the client a clientId.',
  );

/** The place of a client that may not have asked for a token yet. */
class LateMembership implements SharingMembership {
  readonly #enter: (shared: SharedTokens) => SharingMembership;
  #membership: SharingMembership | undefined;
  #isOver = false;

  constructor(enter: (shared: SharedTokens) => SharingMembership) {
    this.#enter = enter;
  }

  async acquire<Own>(request: SharingRequest<Own>, signal: AbortSignal): Promise<Own> {
    return await (await this.#entered()).acquire(request, signal);
  }

  async signOut(): Promise<void> {
    await (await this.#entered()).signOut();
  }

  leave(): void {
    this.#isOver = true;
    this.#membership?.leave();
  }

  async #entered(): Promise<SharingMembership> {
    const shared = sharedTokens.loaded ?? (await sharedTokens.load());
    if (this.#isOver) throw disposed();
    this.#membership ??= this.#enter(shared);
    return this.#membership;
  }
}
