/// <reference lib="esnext.disposable" preserve="true" />
// Symbol.dispose is in the declarations: whoever compiles them need not have asked for it.
import type { Observable } from 'rxjs';
import { type StandardCallback, settleInto } from './async/callback.js';
import type { Part } from './async/part.js';
import type { AcquisitionParams } from './client/acquisition-params.js';
import type { AuthActor } from './client/auth-actor.js';
import type { AuthState } from './client/auth-state.js';
import {
  acquisitionParamsIn,
  type CallArguments,
  callbackIn,
  type Maybe,
  requestArguments,
} from './client/call-arguments.js';
import { Client } from './client/client.js';
import { type Decision, decisionOf } from './client/decision.js';
import { type AuthEventName, type AuthEvents, checkListener } from './client/events.js';
import { ISSUER, type Issuer } from './client/issuer.js';
import type { OneOffOperations } from './client/one-off-operations.js';
import { parts } from './client/parts.js';
import type { Requirements } from './client/requirements.js';
import { TokenProvider } from './client/token-provider.js';
import type { ConnectionAdapter } from './connection/port.js';
import { disposed, forgotten } from './errors/closed-errors.js';
import type { ErrorInfo } from './errors/error-info.js';
import type {
  TokenRevocationOptions,
  TokenRevocationResult,
  TokenRevocationTargetSpecifier,
} from './http/revocation.js';
import { warnOfKey } from './log/key-warning.js';
import {
  type ClientOptions,
  type ParsedClientOptions,
  parseClientOptions,
} from './options/client-options.js';
import { hintAtRenewal, hintAtSpelling } from './options/hints.js';
import { DISPOSE } from './platform/globals.js';
import { rememberSelf, throughProxies } from './proxies.js';
import type { AuthOptions } from './sources/auth-options.js';
import type { Capability } from './token/capability.js';
import type { TokenDetails } from './token/token-details.js';
import type { TokenParams } from './token/token-params.js';
import type { TokenRequest } from './token/token-request.js';

/**
 * The auth client: gets tokens, keeps one fresh, hands it to whoever needs it.
 *
 * Making one starts no timer and no request, until it is first used. A connection counts as a use if it connects by
 * itself: with a `RealtimeConnection`, the source is asked at once, unless it has `autoConnect: false`.
 *
 * @throws {ErrorInfo} at construction: 40106 no key, token or means · 40005 malformed key · 40012 bad
 * clientId · 40103 Basic auth without TLS · 40003 any other option that cannot be, or is unknown.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * auth.token$.subscribe((token) => console.log('in use until', token.expires));
 * ```
 * @see https://ably.com/docs/api/realtime-sdk/authentication
 */
export class Auth<Connection extends ConnectionAdapter = ConnectionAdapter> {
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #client: Client;
  #operations: OneOffOperations | undefined;
  #requirements: Requirements | undefined;
  #isWarned = false;

  /** @param options client options, or a key (`appId.keyId:secret`) or a token as a string (RSC1) */
  constructor(options: ClientOptions<Connection> | string) {
    rememberSelf(this);
    this.#options = parseClientOptions(options);
    this.#provider = new TokenProvider(this.#options);
    this.#client = new Client(this.#options, this.#provider);
    hintAtRenewal(this.#options);
    warnOfKey(this.#options.authOptions.key, this.#options.log);
  }

  /**
   * Who this client is: `'*'` for anybody, null for nobody or not known yet.
   * @see RSA7, RSA12, https://ably.com/docs/auth/identified-clients
   */
  get clientId(): string | null {
    return this.#client.identity.current;
  }

  /** The token in use; null without one, and when it is dead. @see RSA16 */
  get tokenDetails(): TokenDetails | null {
    return this.#client.currentToken;
  }

  /** Where the client stands, why, and what comes next. */
  get state(): AuthState {
    return this.#client.state;
  }

  /** The last failure, until a token is accepted. */
  get error(): ErrorInfo | null {
    return this.state.error;
  }

  /** The connection that was given to this client, or made for it; null without one. */
  get connection(): Connection | null {
    return (this.#options.connection as Connection | undefined) ?? null;
  }

  /**
   * The token in use: the present one first, then each that replaces it. Never one known to be dead.
   * Subscribing is a need: the first subscriber gets a token fetched. Completes on {@link dispose}.
   */
  get token$(): Observable<TokenDetails> {
    return this.#client.subscribers.streams.token$;
  }

  /** The state, the present one first. Completes on {@link dispose}. */
  get state$(): Observable<AuthState> {
    return this.#client.subscribers.streams.state$;
  }

  /**
   * Why the client is where it is: the rule of the last step, what went into it, what comes next and
   * when. Plain data without a secret, to log or to show.
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const { rule, attempts, next } = auth.explain();
   * console.log(rule, attempts, next);
   * ```
   */
  explain(): Decision {
    return decisionOf(this.#client.actor.getSnapshot(), this.state, this.#options.clock);
  }

  /** The XState actor behind it all, to inspect or to send events to. Its snapshots hold no secret. */
  get actor(): AuthActor {
    return this.#client.actor;
  }

  /**
   * Gets a new token at once, whatever is in use: the live connection is upgraded in place, one that
   * is not live is opened, and only when source and connection accepted do the token and the
   * arguments replace the present ones. A call that fails changes nothing but {@link error}.
   *
   * @param tokenParams used instead of the stored ones, not merged with them; null: the stored ones
   * @param authOptions likewise
   * @throws {ErrorInfo} the source's or the connection's own error · 40170 the source failed or did
   * not answer in `realtimeRequestTimeout` · 40102 the token is for somebody else · 40106 no means ·
   * 40171 no means left · 80014 the connection did not answer · 80017 closed or disposed of ·
   * 40003, 40005, 40012 an argument that cannot be
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const token = await auth.authorize({ capability: { 'chat:*': ['subscribe'] } });
   * console.log(token.expires);
   * ```
   * @see RSA10, RTC8
   */
  authorize(tokenParams?: Maybe<TokenParams>, authOptions?: Maybe<AuthOptions>): Promise<TokenDetails>;
  authorize(
    tokenParams: Maybe<TokenParams>,
    authOptions: Maybe<AuthOptions>,
    callback: StandardCallback<TokenDetails>,
  ): void;
  authorize(tokenParams: Maybe<TokenParams>, callback: StandardCallback<TokenDetails>): void;
  authorize(callback: StandardCallback<TokenDetails>): void;
  authorize(...given: CallArguments<TokenDetails>): Promise<TokenDetails> | undefined {
    return this.#call(given, (own) => this.#client.authorize(own));
  }

  /** @deprecated the former spelling of {@link authorize} (RSA10l) */
  authorise(tokenParams?: Maybe<TokenParams>, authOptions?: Maybe<AuthOptions>): Promise<TokenDetails>;
  authorise(
    tokenParams: Maybe<TokenParams>,
    authOptions: Maybe<AuthOptions>,
    callback: StandardCallback<TokenDetails>,
  ): void;
  authorise(tokenParams: Maybe<TokenParams>, callback: StandardCallback<TokenDetails>): void;
  authorise(callback: StandardCallback<TokenDetails>): void;
  authorise(...given: CallArguments<TokenDetails>): Promise<TokenDetails> | undefined {
    if (!this.#isWarned) hintAtSpelling(this.#options);
    this.#isWarned = true;
    return this.#call(given, (own) => this.#client.authorize(own));
  }

  /**
   * Gets a token and only hands it over: nothing is stored, used or upgraded, and no failure changes
   * the client's state.
   *
   * @throws {ErrorInfo} as {@link authorize}, apart from the connection's
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth('appId.keyId:secret');
   * const token = await auth.requestToken({ clientId: 'ada', ttl: 600_000 });
   * console.log(token.capability);
   * ```
   * @see RSA8, https://ably.com/docs/auth/token
   */
  requestToken(tokenParams?: Maybe<TokenParams>, authOptions?: Maybe<AuthOptions>): Promise<TokenDetails>;
  requestToken(
    tokenParams: Maybe<TokenParams>,
    authOptions: Maybe<AuthOptions>,
    callback: StandardCallback<TokenDetails>,
  ): void;
  requestToken(tokenParams: Maybe<TokenParams>, callback: StandardCallback<TokenDetails>): void;
  requestToken(callback: StandardCallback<TokenDetails>): void;
  requestToken(...given: CallArguments<TokenDetails>): Promise<TokenDetails> | undefined {
    return this.#call(given, (own) =>
      this.#operate((operations) => operations.requestToken(own ?? this.#client.storedParams)),
    );
  }

  /**
   * Signs a request for a token, for a client that may not have the key: it can be exchanged once,
   * within two minutes.
   *
   * @throws {ErrorInfo} 40101 there is no key here · 40003, 40012 a parameter that cannot be ·
   * with `queryTime`, what asking the server for its time throws
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const issuer = new Auth('appId.keyId:secret');
   * const request = await issuer.createTokenRequest({ clientId: 'ada', capability: { 'chat:*': ['*'] } });
   * console.log(JSON.stringify(request).length);
   * ```
   * @see RSA9, https://ably.com/docs/api/token-request-spec, https://ably.com/docs/auth/token
   */
  createTokenRequest(
    tokenParams?: Maybe<TokenParams>,
    authOptions?: Maybe<AuthOptions>,
  ): Promise<TokenRequest>;
  createTokenRequest(
    tokenParams: Maybe<TokenParams>,
    authOptions: Maybe<AuthOptions>,
    callback: StandardCallback<TokenRequest>,
  ): void;
  createTokenRequest(tokenParams: Maybe<TokenParams>, callback: StandardCallback<TokenRequest>): void;
  createTokenRequest(callback: StandardCallback<TokenRequest>): void;
  createTokenRequest(...given: CallArguments<TokenRequest>): Promise<TokenRequest> | undefined {
    return this.#call(given, (own) =>
      this.#operate((operations) => operations.createTokenRequest(own ?? this.#client.storedParams)),
    );
  }

  /**
   * The token in use, without a detour; without one, the outcome of the fetch that runs or that this
   * starts.
   *
   * @throws {ErrorInfo} as {@link authorize}; while the client is in `failed`, its error, at once
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const { token } = await auth.getToken();
   * await fetch('https://example.com/api/me', { headers: { authorization: `Bearer ${token}` } });
   * ```
   */
  getToken(): Promise<TokenDetails> {
    return this.#client.getToken();
  }

  /**
   * Says what the app needs to be allowed, beyond what it has. Rights that the token in use has cost
   * nothing. Others are asked for in addition to those the client has; what is required in the same turn
   * is one request, and a live connection is upgraded in place, once.
   *
   * A token that lacks something is not taken, and nothing changes. A token that does not say what it
   * allows (a string) is taken to allow what was asked for. Rights are kept at each renewal, until
   * {@link authorize} is called with a capability of its own.
   *
   * @param capability operations by channel name or pattern
   * @returns the token that allows it
   * @throws {ErrorInfo} 40160 naming each operation and channel that was not granted · 40003 it is no
   * capability · as {@link authorize}
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * await Promise.all([
   *   auth.require({ 'chat:lobby': ['subscribe'] }),
   *   auth.require({ 'chat:lobby': ['publish'], 'news:*': ['history'] }),
   * ]);
   * ```
   * @see https://ably.com/docs/auth/capabilities
   */
  async require(capability: Capability | string): Promise<TokenDetails> {
    if (this.#client.isOver) throw disposed();
    const { Requirements } = parts.requirements.loaded ?? (await this.#load(parts.requirements, true));
    this.#requirements ??= new Requirements(this.#client);
    return await this.#requirements.add(capability);
  }

  /**
   * `fetch` with this client's credentials, for the service only: a path, or an address of its host.
   * No cache answers or keeps it, unless `cache` is given: the next user asks for the same. With a token that the server refuses as a token, the token is replaced and the request sent again,
   * once; requests under way at the same time share the one renewal.
   *
   * @returns the response as it is, whatever its status, apart from a token refused twice
   * @throws {ErrorInfo} what {@link getToken} throws · the server's error when the new token is refused
   * too · 40171 the token cannot be renewed · 40003 an address or a redirect of another origin, or a
   * body that is a stream and would have to be sent twice, or a `fetch` option that fails by itself ·
   * 80003 no answer
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const response = await auth.fetch('/channels/lobby/messages');
   * console.log(response.status);
   * ```
   * @see RSC9, RSC10, RSC19b
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = requestArguments(input, init);
    return await this.#operate((operations) => operations.fetch(...request), true);
  }

  /**
   * Revokes tokens that this client's key issued.
   *
   * @param targets one, or up to 100
   * @throws {ErrorInfo} 40162 this client uses tokens, and only the key may revoke · 40003 targets or
   * options that cannot be · the server's error
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const issuer = new Auth('appId.keyId:secret');
   * const { failureCount } = await issuer.revokeTokens({ type: 'clientId', value: 'ada' });
   * console.log(failureCount);
   * ```
   * @see RSA17
   */
  async revokeTokens(
    targets: TokenRevocationTargetSpecifier | readonly TokenRevocationTargetSpecifier[],
    options?: Maybe<TokenRevocationOptions>,
  ): Promise<TokenRevocationResult> {
    return await this.#operate((operations) => operations.revokeTokens(targets, options));
  }

  /** The server's time, ms since the epoch. @see RSC16 */
  async time(): Promise<number> {
    return await this.#operate((operations) => operations.time());
  }

  /**
   * Drops the token and whatever is under way, as when a user signs out, and ends the connection. The client
   * is `idle` again, and nothing leaves that by itself. What {@link authorize} stored stays.
   */
  forget(): void {
    this.#requirements?.drop();
    this.#client.forget();
  }

  /**
   * Calls `listener` at each event of that name, until the returned function is called. What a listener
   * throws, or rejects with, is logged as an error.
   *
   * @throws {ErrorInfo} 40003 there is no such event, or the listener is not a function
   */
  on<Name extends AuthEventName>(name: Name, listener: AuthEvents[Name]): () => void {
    checkListener(name, listener);
    this.#client.subscribers.add(name, listener);
    return () => this.off(name, listener);
  }

  /**
   * Calls `listener` no more.
   *
   * @throws {ErrorInfo} as {@link on}
   */
  off<Name extends AuthEventName>(name: Name, listener: AuthEvents[Name]): void {
    checkListener(name, listener);
    this.#client.subscribers.remove(name, listener);
  }

  /**
   * Aborts what is under way, rejects who waits (80017), completes the streams; then silence. A connection that
   * was made for this client, by a function as option `connection`, is closed in good order; one that was given
   * stays as it is.
   */
  dispose(): void {
    this.#operations?.dispose(disposed());
    this.#client.dispose();
  }

  /** {@link dispose}, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** A client printed or serialised shows where it stands, and nothing it holds. */
  toJSON(): { clientId: string | null; state: string } {
    return { clientId: this.clientId, state: this.state.value };
  }

  /** @internal */
  get [ISSUER](): Issuer | undefined {
    const { authOptions, clock, keepAlive } = this.#options;
    const { key, authCallback, authUrl, tokenDetails, queryTime = false } = authOptions;
    const isKeyAlone = authCallback === undefined && authUrl === undefined && tokenDetails === undefined;
    return key !== undefined && isKeyAlone ? { key, clock, keepAlive, queryTime } : undefined;
  }

  /** Runs one, in the same turn if its code was loaded before. Most clients have none. */
  async #operate<T>(run: (operations: OneOffOperations) => Promise<T>, isForgettable = false): Promise<T> {
    if (this.#client.isOver) throw disposed();
    const { OneOffOperations } =
      parts.oneOffOperations.loaded ?? (await this.#load(parts.oneOffOperations, isForgettable));
    this.#operations ??= new OneOffOperations(this.#options, this.#provider, this.#client);
    return await run(this.#operations);
  }

  /** Loads a part for a call. Meanwhile the client may have ended, or the user signed out. */
  async #load<T>(part: Part<T>, isForgettable: boolean): Promise<T> {
    const { signOuts: timesForgotten } = this.#client;
    const loaded = await part.load();
    if (this.#client.isOver) throw disposed();
    if (isForgettable && this.#client.signOuts !== timesForgotten) throw forgotten();
    return loaded;
  }

  #call<T>(
    given: CallArguments<T>,
    run: (own: AcquisitionParams | null) => Promise<T> | T,
  ): Promise<T> | undefined {
    const promise = this.#attempt(given, run);
    const callback = callbackIn(given);
    if (callback === undefined) return promise;
    settleInto(promise, callback, this.#options.log);
    return undefined;
  }

  async #attempt<T>(
    given: CallArguments<T>,
    run: (own: AcquisitionParams | null) => Promise<T> | T,
  ): Promise<T> {
    if (this.#client.isOver) throw disposed();
    return run(acquisitionParamsIn(given, this.#client.storedParams));
  }
}

throughProxies(Auth);
