/**
 * A document of `@hocuspocus/provider` as a connection.
 *
 * @module latchkey/connection/hocuspocus
 */

import { flag } from '../../checks/option-checks.js';
import type { StackConnection, StackOptions } from '../stack/stack-connection.js';
import { Hocuspocus } from './hocuspocus.js';
import type { HocuspocusDocument } from './provider.js';

export type { StackConnection, StackOptions } from '../stack/stack-connection.js';
export { tokenAccepted, tokenRefused } from './messages.js';
export type { HocuspocusDocument, HocuspocusWebsocket } from './provider.js';

/** The options of {@link hocuspocus}. */
export interface HocuspocusOptions extends StackOptions {
  /**
   * Whether the server acknowledges each token with {@link tokenAccepted}, and takes a new one in place (`onTokenSync`).
   * Default: true. With false the document is closed and opened again with each new token, and the server's word that it
   * is authenticated counts as the answer: any server works that has the hook `onAuthenticate`.
   */
  readonly inPlace?: boolean;
}

/** A document of `@hocuspocus/provider` as a connection adapter. */
export interface HocuspocusConnection<Provider extends HocuspocusDocument> extends StackConnection {
  /** The provider of the document. Open and close it with the connection. */
  readonly provider: Provider;
}

/**
 * A document of `@hocuspocus/provider` 3.3.1 or newer as a connection: Latchkey owns the token, the provider owns the
 * websocket and the document. The library is not imported here. Each document has its own connection and its own Auth,
 * also where several share a websocket.
 *
 * If the server refuses a token and closes the document, the document is opened again with the next token, while the
 * websocket and its other documents stay as they are. What was edited meanwhile is sent then.
 *
 * @param provider a `HocuspocusProvider` of one Auth. Make the connection right after it: a provider with its own
 * `websocketProvider` is attached by the connection
 * @throws {ErrorInfo} 40003 if `provider` is not a provider, is of an older release, or an option has a wrong value
 *
 * @example
 * ```ts
 * import { HocuspocusProvider } from '@hocuspocus/provider';
 * import { Auth } from 'latchkey';
 * import { hocuspocus } from 'latchkey/connection/hocuspocus';
 *
 * const provider = new HocuspocusProvider({ url: 'wss://example.com', name: 'minutes' });
 * const connection = hocuspocus(provider);
 * const auth = new Auth({ authUrl: 'https://example.com/token', connection });
 * connection.connect();
 * console.log(auth.state.value, provider.document.getText('body').toString());
 * ```
 */
export function hocuspocus<Provider extends HocuspocusDocument>(
  provider: Provider,
  options: HocuspocusOptions = {},
): HocuspocusConnection<Provider> {
  const isInPlace = flag('inPlace', options?.inPlace ?? undefined) ?? true;
  return new Hocuspocus(provider, options, isInPlace);
}
