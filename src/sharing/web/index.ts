/**
 * One token for all tabs and workers of an origin.
 *
 * @module latchkey/sharing/web
 */
import { checkNames, port, record } from '../../checks/option-checks.js';
import { systemClock } from '../../clock.js';
import { platformEnvironment } from '../../environment.js';
import { knownGlobal, knownMember } from '../../surroundings.js';
import type { TokenSharing } from '../port.js';
import { type SharingOptions, shareTokens } from '../token-sharing.js';
import { type WebPlatform, WebStore } from './web-store.js';

/** The part of a `Storage` that is used. */
export interface WebStorage {
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, text: string) => void;
}

/** Whose tokens the pages of an origin share. */
export interface WebSharingOptions extends SharingOptions {
  /**
   * Keeps the tokens here as well, for example in `localStorage`, so that a page that comes alone finds one. Every
   * script of the origin can read them there, also after the pages were closed. Default: memory only.
   */
  readonly storage?: WebStorage | null;
}

/**
 * Shares tokens between the tabs and workers of an origin, by Web Locks and a BroadcastChannel: one of them asks the
 * source, each uses the token, and each upgrades its own connection. Where these APIs are missing, as on a server or in a
 * page that came without TLS, each client asks for itself.
 *
 * A page that comes waits for what the others know, at most a tenth of a second. Every script of the origin can read the
 * tokens that pages send to each other, and can send some itself: they are treated like answers of the source. It can
 * sign the user out as well.
 *
 * @param options `session` says who is signed in. All tabs of a browser have the same cookies, so nothing else tells
 * whose token it is
 * @throws {ErrorInfo} 40003 if an option is invalid; in `new Auth()` if there is neither `session` nor `clientId`
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { webSharing } from 'latchkey/sharing/web';
 *
 * const session = () => document.documentElement.dataset['user'] ?? null;
 * const auth = new Auth({ authUrl: '/api/token', sharing: webSharing({ session }) });
 * auth.token$.subscribe(() => console.log('a token, of this tab or of another'));
 * ```
 * @see https://developer.mozilla.org/docs/Web/API/Web_Locks_API
 */
export function webSharing(options: WebSharingOptions = {}): TokenSharing {
  checkNames(record('options', options), ['session', 'source', 'storage']);
  const { storage, ...whose } = options;
  const platform = platformWith(storage);
  return shareTokens(platform && new WebStore(platform), whose);
}

function platformWith(storage: WebSharingOptions['storage']): WebPlatform | null {
  port('storage', storage ?? undefined, ['getItem', 'setItem']);
  const locks = knownMember('navigator', 'locks') as LockManager | undefined;
  const BroadcastChannel = knownGlobal('BroadcastChannel') as WebPlatform['BroadcastChannel'] | undefined;
  if (locks === undefined || BroadcastChannel === undefined) return null;
  return { locks, BroadcastChannel, clock: systemClock, watch: platformEnvironment.watch, storage };
}
