/**
 * The official SDK's client as a connection.
 *
 * @module latchkey/connection/ably-js
 */

import { type Clock, systemClock } from '../clock.js';
import { type ErrorInfo, isTokenError } from '../errors.js';
import { checkNames, invalidOption, wholeNumber } from '../option-checks.js';
import type { TokenDetails } from '../token/token-details.js';
import { AblyAnswers } from './ably-js-answers.js';
import { type AblyRealtime, type AblyStateChange, isAtRest, isOver } from './ably-js-client.js';
import { closed, told, unanswered } from './ably-js-errors.js';
import { AblyHearing } from './ably-js-hearing.js';
import { AblyPush } from './ably-js-push.js';
import { type AblyAuthCallback, AblyTokenDesk } from './ably-js-tokens.js';
import { servesAnother } from './one-auth.js';
import type { ConnectionAdapter, ConnectionReport, ConnectionState, ConnectionUpgradeEvent } from './port.js';

export type { AblyRealtime, AblyStateChange } from './ably-js-client.js';
export type { AblyAuthCallback, AblyTokenDetails, AblyTokenError } from './ably-js-tokens.js';

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

class AblyJs<Client extends AblyRealtime> implements AblyJsConnection<Client> {
  readonly client: Client;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #desk: AblyTokenDesk;
  #report: ((report: ConnectionReport) => void) | null = null;
  #push: AblyPush | null = null;
  /** The token the server accepted last. */
  #accepted: TokenDetails | null = null;
  readonly #answers: AblyAnswers;
  /** Calls of the SDK's authorize() that were made in this turn: what they do, they do at its end. */
  #justCalled = 0;
  readonly #hearing: AblyHearing;
  #isReplacing = false;
  /** It was told already that the connection is closed. */
  #isEnding = false;
  /** Closed before a call could do what it does: the SDK would connect again (RTC8b1). */
  #isToStayClosed = false;
  /** The SDK is being failed. */
  #failing: Promise<void> | null = null;
  #wasServed = false;

  constructor(client: Client | ((authCallback: AblyAuthCallback) => Client), options: AblyJsOptions) {
    checkNames(options, ['realtimeRequestTimeout', 'clock']);
    this.#timeoutMs = wholeNumber('realtimeRequestTimeout', options.realtimeRequestTimeout) ?? 10_000;
    this.#clock = options.clock ?? systemClock;
    this.#answers = new AblyAnswers(this.#clock, this.#timeoutMs);
    this.#desk = new AblyTokenDesk({
      clock: this.#clock,
      // Its own patience is its own option, by default the same.
      patienceMs: this.#timeoutMs / 2,
      // While it is connected only the server, or a request, can want one: another.
      mayHand: () => this.#report !== null && (this.#push !== null || this.state !== 'connected'),
      handed: () => this.state === 'connected' && this.#push !== null && this.#answers.sent(),
      asked: (isExpected) => this.#ask(isExpected),
    });
    this.client = typeof client === 'function' ? client(this.#desk.authCallback) : client;
    if (
      typeof this.client?.auth?.authorize !== 'function' ||
      typeof this.client.connection?.on !== 'function'
    )
      throw invalidOption('client', "the official SDK's Realtime client", client);
    this.#hearing = new AblyHearing(this.client.connection);
  }

  /** The SDK's; a connection that is being replaced is connecting. */
  get state(): ConnectionState {
    return this.#isReplacing ? 'connecting' : this.client.connection.state;
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    if (this.#report !== null) throw servesAnother();
    this.#report = listener;
    this.#wasServed = true;
    this.#hearing.begin();
    this.client.connection.on(this.#hear);
    // Not before the Auth, which calls this while it is being made, is ready to hear it.
    queueMicrotask(() => {
      if (this.#report !== listener) return;
      if (this.#desk.isAsked) listener({ type: 'token.needed' });
      if (this.state === 'connected') this.#tellIdentity();
    });
    return () => {
      if (this.#report !== listener) return;
      this.#report = null;
      this.client.connection.off(this.#hear);
      this.#hearing.end();
      this.#refuseAll(closed('the connection serves no Auth any more'));
    };
  }

  /** Otherwise a close is told at the end of the turn: by then somebody may have opened it again. */
  catchUp(): void {
    if (this.#report === null || this.#isReplacing || this.#isEnding) return;
    const close = this.#hearing.takeClose();
    if (close !== null) this.#take(close);
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#report === null) return Promise.reject(closed('the connection serves no Auth'));
    // Until the SDK has failed it has no ears for a token.
    if (this.#failing !== null) return this.#failing.then(() => this.push(event, signal));
    if (event.type === 'connection.fail')
      return event.final === false ? this.#delay(event.error) : this.#fail(event.error);
    if (signal.aborted) return Promise.reject(signal.reason);
    this.catchUp();
    this.#settle()?.reject(closed('a newer token took the place of this one'));
    const { token } = event;
    const push = new AblyPush(
      { token, signal, clock: this.#clock, timeoutMs: this.#timeoutMs },
      {
        aborted: (push) => this.#giveUp(push, signal.reason),
        halfway: (push) => push.isToRepeat && this.#repeat(),
        // The SDK waits for the answer to AUTH for ever (RTC8a3).
        late: (push) => this.state === 'connected' && this.#giveUp(push, unanswered(this.#timeoutMs)),
      },
    );
    this.#push = push;
    this.#isToStayClosed = false;
    this.#desk.give(token);
    this.#present(event.type === 'connection.replace' || this.#isSomebodyElse(token));
    return push.verdict;
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
    if (this.state !== 'closed' || (this.#hearing.state === 'closed' && !wasReplacing)) return;
    this.#isEnding = this.#hearing.state !== 'closed';
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
    const { callers, isAsked } = this.#desk;
    const isExpecting = !isSomebodyElse && isAsked;
    if (isExpecting && (state === 'connecting' || (state === 'connected' && callers > 0))) {
      // Each that waits sends it on, unless it is a request that asks: that says nothing to the server.
      if (this.#push !== null) this.#push.isToRepeat = state === 'connected';
      this.#noteCall();
      this.#desk.answer();
      return;
    }
    this.#authorize(isSomebodyElse ? { clientId: null } : {});
    if (isAsked) this.#desk.answer();
  }

  /** An SDK that holds a token connects with it, without a word; one that holds none asks. */
  #emptySdk(): void {
    if (this.#desk.isEmptied) this.client.auth.tokenDetails = null;
  }

  /** With `clientId: null` the SDK forgets who it was. */
  #authorize(identity: { clientId?: null }): void {
    const { authCallback } = this.#desk;
    const push = this.#push;
    this.#noteCall();
    // That it resolves says little: the SDK takes any answer for the answer, and the end of a connection for a refusal.
    this.client.auth.authorize(undefined, { authCallback, ...identity }).catch((error: unknown) => {
      const { state } = this.client.connection;
      if (push !== null && this.#push === push && !isOver(state)) this.#giveUp(push, told(error));
    });
  }

  /** The token once more: the answer to it, or to the one before, was for nobody. */
  #repeat(): void {
    if (this.#push === null || this.client.connection.state !== 'connected') return;
    this.#push.isToRepeat = false;
    this.#authorize({});
  }

  /** Calls of the SDK are about to do what they do, at the end of this turn. */
  #noteCall(): void {
    this.#justCalled += 1;
    this.#clock.setTimeout(() => {
      this.#justCalled -= 1;
      // What they did is done: who connects now is the user.
      if (this.#justCalled === 0) this.#isToStayClosed = false;
    }, 0);
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
      this.#failing = this.client.auth
        .authorize(undefined, { authCallback })
        .catch(() => {})
        .then(() => this.#hearing.untilAll());
      await this.#failing;
      this.#failing = null;
    }
    this.#desk.allow();
  }

  /** Nobody waits for this token any more: the connection goes on with the one accepted last. */
  #giveUp(push: AblyPush, error: unknown): void {
    if (this.#push !== push) return;
    this.#settle()?.reject(error);
    this.#goBack();
    if (this.client.connection.state === 'connecting') this.#startOver();
  }

  /** The SDK connects with the token that nobody waits for: it is to do so with the one before, or to ask. */
  #startOver(): void {
    if (this.#accepted !== null) {
      this.#authorize({});
      return;
    }
    this.#isReplacing = true;
    this.client.connection.close();
    this.#emptySdk();
    this.client.connection.connect();
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

  readonly #hear = (change: AblyStateChange): void => {
    if (this.#hearing.hears(change)) this.#take(change);
  };

  #take({ previous, current, reason }: AblyStateChange): void {
    if ((this.#isReplacing || this.#isEnding) && (current === 'closing' || current === 'closed')) {
      if (current === 'closed') this.#isEnding = false;
      return;
    }
    if (this.#isToStayClosed && current === 'connecting') {
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
    const wasUnanswered = !this.#answers.isNone;
    const wasInDoubt = this.#answers.isInDoubt;
    this.#answers.forget();
    const error = reason === undefined || reason === null ? undefined : told(reason);
    this.#tell({ type: 'connection.changed', state: current, ...(error ? { reason: error } : {}) });
    // It asked while it was connected, or in the turn that closed it: what it waits for is to connect with.
    const isReopened = previous === 'closed' && current === 'connecting';
    if ((previous === 'connected' || isReopened) && this.#desk.isAsked) this.#tell({ type: 'token.needed' });
    if (current === 'disconnected') this.#hearDisconnected(error, wasUnanswered);
    else if (current === 'failed' && wasInDoubt && this.#push !== null) this.#authorize({});
    else if (current !== 'connecting') this.#hearEnd(current, error);
  }

  #hearConnected(previous: ConnectionState): void {
    const isUpdate = previous === 'connected';
    if (!isUpdate) this.#tell({ type: 'connection.changed', state: 'connected' });
    const answer = isUpdate ? this.#answers.answered() : this.#answers.isNone ? 'accepted' : 'older';
    if (answer === 'accepted') {
      this.#accepted = this.#desk.current;
      this.#settle(true)?.resolve();
    } else if (answer === 'doubtful') this.#repeat();
    else if (answer === 'older' && this.#push !== null) this.#push.isToRepeat = true;
    this.#tellIdentity();
  }

  /**
   * A drop is no verdict, a token error is; but while an AUTH was unanswered it may be the old token that
   * died, or one that was given up that is refused. On another transport the server says more.
   */
  #hearDisconnected(error: ErrorInfo | undefined, wasUnanswered: boolean): void {
    if (error === undefined || !isTokenError(error)) return;
    if (wasUnanswered && this.#desk.current !== null) return;
    const push = this.#settle();
    if (push === null) this.#accepted = null;
    push?.reject(error);
    this.#goBack();
    if (this.#accepted !== null) {
      // The SDK takes its time after two refusals in a row: the one in use was refused by neither.
      this.client.connection.connect();
      return;
    }
    this.#desk.expect();
    this.#tell({ type: 'token.refused', error });
  }

  #hearEnd(state: ConnectionState, error: ErrorInfo | undefined): void {
    if (state === 'closing' || state === 'closed') {
      this.#isToStayClosed = this.#justCalled > 0;
      // Whoever asked for a token before would have the SDK connect again with it; unless it does already.
      if (this.client.connection.state === 'closed') this.#desk.refuse(closed('the connection was closed'));
    }
    const push = this.#settle();
    if (push === null) return;
    push.reject(error ?? closed(`the connection is ${state}`));
    this.#goBack();
  }

  /** The push whose verdict has come. */
  #settle(isAccepted = false): AblyPush | null {
    const push = this.#push;
    this.#push = null;
    this.#answers.done(isAccepted);
    return push;
  }

  #refuseAll(error: ErrorInfo): void {
    this.#settle()?.reject(error);
    this.#desk.refuse(error);
  }

  #tellIdentity(): void {
    this.#tell({ type: 'identity.confirmed', clientId: this.client.auth.clientId ?? null });
  }

  #tell(report: ConnectionReport): void {
    this.#report?.(report);
  }
}
