/**
 * The official SDK's client as a connection.
 *
 * @module latchkey/connection/ably-js
 */

import { type Clock, systemClock } from '../clock.js';
import { ErrorInfo, isTokenError, toErrorInfo } from '../errors.js';
import { checkNames, invalidOption, wholeNumber } from '../option-checks.js';
import type { TokenDetails } from '../token/token-details.js';
import { type AblyAuthCallback, AblyTokenDesk } from './ably-js-tokens.js';
import type { ConnectionAdapter, ConnectionReport, ConnectionState, ConnectionUpgradeEvent } from './port.js';

export type { AblyAuthCallback, AblyTokenDetails, AblyTokenError } from './ably-js-tokens.js';

/** What is used of the official SDK's `Realtime` client. */
export interface AblyRealtime {
  readonly auth: {
    readonly clientId?: string | null;
    /** The token it connects with. Without one it asks its `authCallback`. */
    tokenDetails?: unknown;
    /** Takes another token in place. */
    authorize(tokenParams: undefined, authOptions: { authCallback: AblyAuthCallback }): Promise<unknown>;
  };
  readonly connection: {
    readonly state: ConnectionState;
    /** Ends the connection. */
    close(): void;
    /** Calls `listener` at each change of state. */
    on(listener: (change: AblyStateChange) => void): void;
    /** Calls `listener` no more. */
    off(listener: (change: AblyStateChange) => void): void;
  };
}

/** What is used of a change the SDK tells. */
export interface AblyStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  readonly reason?: unknown;
}

/** How the official SDK is watched over. */
export interface AblyJsOptions {
  /** How long the server may take to answer a re-authentication, whole ms. Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** Instead of the machine's own clock. */
  readonly clock?: Clock;
}

/** The official SDK's client behind Latchkey's connection port. */
export interface AblyJsConnection<Client extends AblyRealtime> extends ConnectionAdapter {
  /** The SDK's client: channels, presence and all. */
  readonly client: Client;
}

/**
 * The official SDK's `Realtime` client as a connection: Latchkey owns the token, the SDK owns the
 * socket. The SDK is not imported here; it is yours, of whatever version.
 *
 * @param client makes the SDK's client, with the `authCallback` it is given as its only means to
 *   authenticate; or a client that is there already. The latter uses its own means until Latchkey has
 *   a first token for it: make it with `autoConnect: false`.
 * @throws {ErrorInfo} 40003 for something that is no such client, or an option that cannot be
 *
 * @example
 * ```ts
 * import * as Ably from 'ably';
 * import { Auth } from 'latchkey';
 * import { ablyJs } from 'latchkey/connection/ably-js';
 *
 * const connection = ablyJs((authCallback) => new Ably.Realtime({ authCallback }));
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', connection });
 * await connection.client.channels.get('chat:lobby').publish('greeting', 'hello');
 * console.log(auth.clientId);
 * ```
 */
export function ablyJs<Client extends AblyRealtime>(
  client: Client | ((authCallback: AblyAuthCallback) => Client),
  options: AblyJsOptions = {},
): AblyJsConnection<Client> {
  return new AblyJs(client, options);
}

/** A token that was pushed, whose verdict is awaited. */
interface Push {
  readonly token: TokenDetails;
  /** Of the answers that are due on this transport, the one that is to it. */
  answer: number;
  resolve(): void;
  reject(error: unknown): void;
}

class AblyJs<Client extends AblyRealtime> implements AblyJsConnection<Client> {
  readonly client: Client;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #desk: AblyTokenDesk;
  #report: ((report: ConnectionReport) => void) | null = null;
  #push: Push | null = null;
  /** The token the server accepted last. */
  #accepted: TokenDetails | null = null;
  /** AUTHs that were sent on this transport, and answers that came. */
  #answers = { due: 0, seen: 0 };
  /** Calls of the SDK's authorize() that were made in this turn: what they do, they do at its end. */
  #justCalled = 0;
  /** The state the SDK told last. */
  #heard: ConnectionState = 'initialized';
  #isReplacing = false;
  /** It was told already that the connection is closed. */
  #isEnding = false;
  /** Closed before a call could do what it does: the SDK would connect again (RTC8b1). */
  #isToStayClosed = false;
  #wasServed = false;

  constructor(client: Client | ((authCallback: AblyAuthCallback) => Client), options: AblyJsOptions) {
    checkNames(options, ['realtimeRequestTimeout', 'clock']);
    this.#timeoutMs = wholeNumber('realtimeRequestTimeout', options.realtimeRequestTimeout) ?? 10_000;
    this.#clock = options.clock ?? systemClock;
    this.#desk = new AblyTokenDesk({
      // While it is connected only the server, or a request, can want one: another.
      mayHand: () => this.#report !== null && (this.#push !== null || this.state !== 'connected'),
      asked: (isExpected) => this.#ask(isExpected),
    });
    this.client = typeof client === 'function' ? client(this.#desk.authCallback) : client;
    if (
      typeof this.client?.auth?.authorize !== 'function' ||
      typeof this.client.connection?.on !== 'function'
    )
      throw invalidOption('client', "the official SDK's Realtime client", client);
  }

  /** The SDK's; a connection that is being replaced is connecting. */
  get state(): ConnectionState {
    return this.#isReplacing ? 'connecting' : this.client.connection.state;
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    if (this.#report !== null) throw new TypeError('this connection serves another Auth already');
    this.#report = listener;
    this.#wasServed = true;
    this.#heard = this.client.connection.state;
    this.client.connection.on(this.#hear);
    // Not before the Auth, which calls this while it is being made, is ready to hear it.
    queueMicrotask(() => {
      if (this.#report === listener && this.#desk.isAsked) listener({ type: 'token.needed' });
    });
    return () => {
      if (this.#report !== listener) return;
      this.#report = null;
      this.client.connection.off(this.#hear);
      this.#refuseAll(closed('the connection serves no Auth any more'));
    };
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#report === null) return Promise.reject(closed('the connection serves no Auth'));
    if (event.type === 'connection.fail')
      return event.final === false ? this.#delay(event.error) : this.#fail(event.error);
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#settle()?.reject(closed('a newer token took the place of this one'));
    return new Promise((resolve, reject) => {
      const { token } = event;
      const give = () => this.#giveUp(push, signal.reason);
      const over = () => {
        signal.removeEventListener('abort', give);
        this.#clock.clearTimeout(timer);
      };
      const push: Push = {
        token,
        answer: Number.POSITIVE_INFINITY,
        resolve: () => {
          over();
          resolve();
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      // The SDK waits for the answer to AUTH for ever (RTC8a3).
      const late = () => this.state === 'connected' && this.#giveUp(push, unanswered(this.#timeoutMs));
      const timer = this.#clock.setTimeout(late, this.#timeoutMs);
      signal.addEventListener('abort', give, { once: true });
      this.#push = push;
      this.#isToStayClosed = false;
      this.#desk.give(token);
      this.#present(event.type === 'connection.replace' || this.#isSomebodyElse(token));
    });
  }

  forget(): void {
    const error = closed('the user signed out');
    this.#accepted = null;
    this.#refuseAll(error);
    this.#desk.drop();
    this.#emptySdk();
    this.#isToStayClosed = this.#justCalled > 0;
    const wasReplacing = this.#isReplacing;
    this.#isReplacing = false;
    if (!isAtRest(this.client.connection.state)) this.client.connection.close();
    // The SDK tells it later, and whoever signs in by then is not to be taken for closed.
    if (this.state !== 'closed' || (this.#heard === 'closed' && !wasReplacing)) return;
    this.#isEnding = this.#heard !== 'closed';
    this.#tell({ type: 'connection.changed', state: 'closed', reason: error });
  }

  /** Lets the SDK have the token in the way its state wants. */
  #present(isSomebodyElse: boolean): void {
    const { state } = this.client.connection;
    if (isSomebodyElse && !isAtRest(state)) {
      // What identifies a connection cannot change in place; to resume it would be refused, too.
      this.#isReplacing = true;
      this.client.connection.close();
    }
    const wasAsked = this.#desk.isAsked;
    if (wasAsked && state === 'connecting' && !isSomebodyElse) this.#desk.answer();
    else {
      this.#authorize(isSomebodyElse ? { clientId: null } : {});
      // Whoever asked while it is connected, the server or a REST request, is content with the same.
      if (wasAsked) this.#desk.answer();
    }
  }

  /** An SDK that holds a token connects with it, without a word; one that holds none asks. */
  #emptySdk(): void {
    if (this.#desk.isEmptied) this.client.auth.tokenDetails = null;
  }

  /** With `clientId: null` the SDK forgets who it was. */
  #authorize(identity: { clientId?: null }): void {
    const { authCallback } = this.#desk;
    const push = this.#push;
    if (push !== null && this.state === 'connected') {
      this.#answers.due += 1;
      push.answer = this.#answers.due;
    }
    this.#justCalled += 1;
    this.#clock.setTimeout(() => {
      this.#justCalled -= 1;
    }, 0);
    // That it resolves says little: the SDK takes any answer for the answer.
    this.client.auth.authorize(undefined, { authCallback, ...identity }).catch((error: unknown) => {
      if (push !== null && this.#push === push) this.#giveUp(push, told(error));
    });
  }

  /** A client without a name of its own may become another. */
  #isSomebodyElse({ clientId }: TokenDetails): boolean {
    const { clientId: own } = this.client.auth;
    const isNamed = (name: string | null | undefined) => typeof name === 'string' && name !== '*';
    return isNamed(own) && isNamed(clientId) && own !== clientId;
  }

  /** RSA4c2: an SDK that waits is told, and asks again by itself. */
  async #delay(error: ErrorInfo): Promise<void> {
    this.#desk.refuse(error);
  }

  /** RSA4d: there is no other way to make the SDK fail than to forbid it a token. */
  async #fail(error: ErrorInfo): Promise<void> {
    this.#accepted = null;
    this.#settle()?.reject(error);
    this.#desk.forbid(error);
    if (this.state !== 'closed' && this.state !== 'failed') {
      const { authCallback } = this.#desk;
      await this.client.auth.authorize(undefined, { authCallback }).catch(() => {});
    }
    this.#desk.allow();
  }

  /** Nobody waits for this token any more: the connection goes on with the one accepted last. */
  #giveUp(push: Push, error: unknown): void {
    if (this.#push !== push) return;
    this.#settle()?.reject(error);
    this.#goBack();
  }

  #goBack(): void {
    if (this.#accepted === null) this.#desk.take();
    else this.#desk.give(this.#accepted);
  }

  /** The SDK wants a token that is not at hand. */
  #ask(isExpected: boolean): void {
    if (this.#report === null && this.#wasServed) this.#desk.refuse(closed('the connection serves no Auth'));
    else if (this.state === 'connected') this.#tell({ type: 'token.asked' });
    else if (!isExpected) this.#tell({ type: 'token.needed' });
  }

  readonly #hear = ({ previous, current, reason }: AblyStateChange): void => {
    this.#heard = current;
    if ((this.#isReplacing || this.#isEnding) && (current === 'closing' || current === 'closed')) {
      if (current === 'closed') this.#isEnding = false;
      return;
    }
    if (this.#isToStayClosed && current === 'connecting') {
      this.#isToStayClosed = false;
      this.client.connection.close();
      return;
    }
    if (current === 'connected') {
      this.#hearConnected(previous);
      return;
    }
    // A call of before may have brought back what it held.
    if (current === 'connecting') this.#emptySdk();
    this.#isReplacing = false;
    const wasUpgrade = this.#startAfresh();
    const error = reason === undefined || reason === null ? undefined : told(reason);
    this.#tell({ type: 'connection.changed', state: current, ...(error ? { reason: error } : {}) });
    if (current === 'disconnected') this.#hearDisconnected(error, wasUpgrade);
    else if (current !== 'connecting') this.#hearEnd(current, error);
  };

  /** Another transport knows nothing of what was sent on this. @returns whether an AUTH was unanswered */
  #startAfresh(): boolean {
    const push = this.#push;
    const wasUpgrade = push !== null && this.#answers.due > 0;
    this.#answers = { due: 0, seen: 0 };
    if (push !== null) push.answer = Number.POSITIVE_INFINITY;
    return wasUpgrade;
  }

  #hearConnected(previous: ConnectionState): void {
    const isUpdate = previous === 'connected';
    if (isUpdate && this.#answers.seen < this.#answers.due) this.#answers.seen += 1;
    if (!isUpdate) this.#tell({ type: 'connection.changed', state: 'connected' });
    if (!isUpdate || (this.#push?.answer ?? Number.POSITIVE_INFINITY) <= this.#answers.seen) {
      this.#accepted = this.#desk.current;
      this.#settle()?.resolve();
    }
    this.#tell({ type: 'identity.confirmed', clientId: this.client.auth.clientId ?? null });
  }

  /** A drop is no verdict, a token error is; but in the middle of an upgrade it was the old token that died. */
  #hearDisconnected(error: ErrorInfo | undefined, wasUpgrade: boolean): void {
    if (error === undefined || !isTokenError(error) || wasUpgrade) return;
    const push = this.#settle();
    if (push === null) this.#accepted = null;
    push?.reject(error);
    this.#goBack();
    if (this.#accepted !== null) return;
    this.#desk.expect();
    this.#tell({ type: 'token.refused', error });
  }

  #hearEnd(state: ConnectionState, error: ErrorInfo | undefined): void {
    if (state === 'closing' || state === 'closed') {
      this.#isToStayClosed = this.#justCalled > 0;
      // Whoever asked for a token before would have the SDK connect again with it.
      this.#desk.refuse(closed('the connection was closed'));
    }
    const push = this.#settle();
    if (push === null) return;
    push.reject(error ?? closed(`the connection is ${state}`));
    this.#goBack();
  }

  /** The push whose verdict has come. */
  #settle(): Push | null {
    const push = this.#push;
    this.#push = null;
    return push;
  }

  #refuseAll(error: ErrorInfo): void {
    this.#settle()?.reject(error);
    this.#desk.refuse(error);
  }

  #tell(report: ConnectionReport): void {
    this.#report?.(report);
  }
}

/** States without a connection that could be closed. */
const isAtRest = (state: ConnectionState): boolean => ['initialized', 'closed', 'failed'].includes(state);

const closed = (message: string): ErrorInfo => new ErrorInfo({ code: 80017, message });

const unanswered = (ms: number): ErrorInfo =>
  new ErrorInfo({ code: 80014, statusCode: 401, message: `the server did not answer within ${ms} ms` });

const told = (reason: unknown): ErrorInfo =>
  toErrorInfo(reason, { code: 80003, message: 'the connection failed' });
