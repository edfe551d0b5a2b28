/// <reference lib="esnext.disposable" preserve="true" />
// Symbol.dispose is in the declarations: a project that compiles them may not have asked for it.
import type { Observable } from 'rxjs';
import { type StandardCallback, settleInto } from './async/callback.js';
import type { Part } from './async/part.js';
import { checkNames, flag, port, record } from './checks/option-checks.js';
import {
  type AcquisitionParams,
  acquisitionParamsIn,
  type CallArguments,
  callbackIn,
  type Maybe,
} from './client/acquisition-params.js';
import type { AuthActor } from './client/auth-actor.js';
import { type AuthState, checkStateName } from './client/auth-state.js';
import { Client } from './client/client.js';
import { type Decision, decisionOf } from './client/decision.js';
import { type AuthEventName, type AuthEvents, checkEvent } from './client/events.js';
import { ISSUER, type Issuer } from './client/issuer.js';
import type { OneOffOperations } from './client/one-off-operations.js';
import { parts } from './client/parts.js';
import type { Requirements } from './client/requirements.js';
import { iterateTokens } from './client/token-iterator.js';
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
import { requestArguments } from './platform/fetch.js';
import { DISPOSE } from './platform/globals.js';
import { unlessAborted } from './platform/signals.js';
import { type AuthOptions, isKeyOnly } from './sources/auth-options.js';
import { rememberSelf, throughProxies } from './surroundings.js';
import type { Capability } from './token/capability.js';
import type { TokenDetails } from './token/token-details.js';
import type { TokenParams } from './token/token-params.js';
import type { TokenRequest } from './token/token-request.js';

/** How a wait for an event or a state can end early. */
type WaitOptions = Maybe<{ readonly signal?: AbortSignal | null | undefined }>;

/**
 * The auth client: it gets tokens, renews them, and gives them to subscribers, callers and the connection.
 *
 * The constructor starts no timer and no request; the first use does. A connection that connects on its own counts as
 * a use: with a `RealtimeConnection` the source is asked at once, unless its option `autoConnect` is false.
 *
 * @throws {ErrorInfo} in the constructor: 40106: there is no key, token, authCallback or authUrl · 40005: the key is
 * malformed · 40012: the clientId is invalid · 40103: Basic auth without TLS · 40003: another option is invalid or
 * unknown.
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
   * The clientId of this client. `'*'`: any clientId. null: none, or not known yet.
   * @see RSA7, RSA12, https://ably.com/docs/auth/identified-clients
   */
  get clientId(): string | null {
    return this.#client.identity.current;
  }

  /** The current token. null: there is none, or it has expired. @see RSA16 */
  get tokenDetails(): TokenDetails | null {
    return this.#client.currentToken;
  }

  /** The current state, its reason, and what the client does next. */
  get state(): AuthState {
    return this.#client.state;
  }

  /** The error of the last failure. null: none since a token was accepted. */
  get error(): ErrorInfo | null {
    return this.state.error;
  }

  /** The connection that the option `connection` gave or made. null: there is none. */
  get connection(): Connection | null {
    return (this.#options.connection as Connection | undefined) ?? null;
  }

  /**
   * The tokens of this client: the current one first, then each new one. A token known to be expired or refused is
   * never emitted. The first subscriber makes the client get a token. Completes on {@link dispose}.
   */
  get token$(): Observable<TokenDetails> {
    return this.#client.subscribers.streams.token$;
  }

  /**
   * The tokens of {@link token$} for `for await`. A slow reader gets the newest token and misses those before it. The
   * loop ends on {@link dispose}.
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * for await (const { expires } of auth.tokens()) console.log('in use until', expires);
   * ```
   */
  tokens(): AsyncIterableIterator<TokenDetails> {
    return iterateTokens(this.token$);
  }

  /** The states of this client, the current one first. Completes on {@link dispose}. */
  get state$(): Observable<AuthState> {
    return this.#client.subscribers.streams.state$;
  }

  /**
   * Explains the current state: the rule of the last step with its inputs, and what the client does next and
   * when. The result is plain data without secrets, for logs and for people.
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

  /** The XState actor of this client, for inspection and for events. Its snapshots contain no secret. */
  get actor(): AuthActor {
    return this.#client.actor;
  }

  /**
   * Gets a new token at once, even if the current one is still good. A connected connection is upgraded in place;
   * a connection that is not connected is opened. The token and the arguments replace the current ones only after
   * the source has answered and the connection has accepted the token. A call that fails changes only
   * {@link error}.
   *
   * @param tokenParams replace the stored TokenParams; the two are not merged. null: the stored ones are used
   * @param authOptions replace the stored AuthOptions in the same way
   * @throws {ErrorInfo} the error of the source or of the connection · 40170: the source failed, or did not answer
   * within `realtimeRequestTimeout` · 40102: the token has another clientId · 40106: there is no way to get a token
   * · 40171: there is no way to renew the token · 80014: the connection did not answer · 80017: the connection was
   * closed or the client disposed of · 40003, 40005, 40012: an argument is invalid
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

  /** @deprecated use {@link authorize} (RSA10l) */
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
   * Gets a token for the caller. The client does not store or use it, the connection is not upgraded, and a failure
   * does not change the client's state.
   *
   * @throws {ErrorInfo} as {@link authorize}, without the errors of the connection
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
   * Signs a TokenRequest for a client that must not have the key. It can be exchanged for a token once, within two
   * minutes.
   *
   * @throws {ErrorInfo} 40101: the client has no key · 40003, 40012: a parameter is invalid · with `queryTime`: the
   * error of the request for the server's time
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
   * Returns the current token. Without one, it waits for the request that runs, or starts one.
   *
   * @throws {ErrorInfo} as {@link authorize}; in state `failed` at once, with the error of that state
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
   * Adds rights that the application needs. If the current token has them all, nothing is requested. Otherwise the
   * client gets a token with these rights and those it has. Calls in the same turn share one request, and a
   * connected connection is upgraded in place, once.
   *
   * A token that lacks one of the rights is not used, and nothing changes. A token string that does not show its
   * rights counts as having those that were asked for. The rights are kept at each renewal, until
   * {@link authorize} is called with a capability.
   *
   * @param capability operations by channel name or pattern
   * @returns a token with these rights
   * @throws {ErrorInfo} 40160: rights were not granted; the message names each operation and channel · 40003: the
   * capability is invalid · the errors of {@link authorize}
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
    if (this.#client.isSignedOut) throw forgotten();
    const { Requirements } = parts.requirements.loaded ?? (await this.#load(parts.requirements, true));
    this.#requirements ??= new Requirements(this.#client);
    return await this.#requirements.add(capability);
  }

  /**
   * Calls `fetch` with the credentials of this client. It works for the service only: give a path, or an address of
   * the service's host. Unless the option `cache` is given, no cache is used, because another user of the browser
   * may request the same address. If the server refuses the token, the client gets a new one and sends the request
   * once more; requests at the same time share one renewal. If a host fails, the fallback hosts are asked.
   *
   * With the option `fetchOrigins` it works for those origins instead: a path belongs to the first. A 401 counts as a
   * refused token, unless its challenge says something else. A redirect to another origin is followed without the token.
   *
   * @returns the response with any status, unless the token was refused twice
   * @throws {ErrorInfo} the errors of {@link getToken} · the server's error if the new token is refused too ·
   * 40171: the token cannot be renewed · 40003: the address or a redirect has another origin, a body that is a
   * stream would have to be sent twice, the token is for Ably and `fetchOrigins` is set, or the `fetch` option itself
   * failed · 80003: there was no answer
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const response = await auth.fetch('/channels/lobby/messages');
   * console.log(response.status);
   * ```
   * @see RSC9, RSC10, RSC15, RSC19b
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = requestArguments(input, init);
    if (this.#client.isSignedOut) throw forgotten();
    return await this.#operate((operations) => operations.fetch(...request), true);
  }

  /**
   * Revokes tokens that were issued with the key of this client.
   *
   * @param targets one target, or up to 100
   * @throws {ErrorInfo} 40162: the client uses tokens, and revoking needs the key · 40003: a target or an option is
   * invalid · the server's error
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
   * Signs the user out: drops the token, aborts running requests and closes the connection. The client is `idle`,
   * for the reason `signed out`, until {@link authorize} is called. Until then {@link getToken}, {@link Auth.fetch} and
   * {@link require} reject (80017), and the connection fails when it is to connect. Also dropped: arguments that
   * {@link authorize} stored, capabilities that were required, the clientId that was learned, a literal token, and
   * hosts that the service named. The options of the constructor remain. They should not belong to one user: give
   * headers of a user as a function.
   */
  forget(): void;
  /**
   * Signs the user out here, and in all clients that share tokens with this one (see the option `sharing`). The promise
   * resolves when the store has it; a client that the store does not tell hears it when it next needs a token.
   *
   * @throws {ErrorInfo} 40003: an option is invalid · 80003: the others were not told
   */
  forget(options: { readonly everywhere: true }): Promise<void>;
  forget(options: { readonly everywhere?: boolean | null } = {}): Promise<void> | void {
    checkNames(record('options', options), ['everywhere']);
    const isForAll = flag('everywhere', options.everywhere ?? undefined);
    this.#requirements?.drop();
    this.#client.forget();
    if (isForAll) return this.#client.signOutOthers();
  }

  /**
   * Calls `listener` at each event with this name. The returned function removes the listener. An error that a
   * listener throws or rejects with is logged.
   *
   * @throws {ErrorInfo} 40003: there is no such event, or the listener is not a function
   */
  on<Name extends AuthEventName>(name: Name, listener: AuthEvents[Name]): () => void {
    checkEvent(name, listener);
    this.#client.subscribers.add(name, listener);
    return () => this.off(name, listener);
  }

  /**
   * Resolves with the payload of the next event with this name.
   *
   * @param options.signal ends the wait
   * @throws {ErrorInfo} 40003: there is no such event, or the signal is none · 80017: the client was disposed of
   * @throws the reason of the signal
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * const { retryInMs } = await auth.once('signin.required', { signal: AbortSignal.timeout(60_000) });
   * console.log(retryInMs);
   * ```
   */
  async once<Name extends AuthEventName>(
    name: Name,
    options?: WaitOptions,
  ): Promise<Parameters<AuthEvents[Name]>[0]> {
    checkEvent(name, () => {});
    return await this.#awaited(options, (resolve) => this.on(name, resolve as AuthEvents[Name]));
  }

  /**
   * Resolves when the client is in a state: at once if it is, otherwise when it gets there.
   *
   * @param options.signal ends the wait
   * @throws {ErrorInfo} 40003: there is no such state, or the signal is none · 80017: the client was disposed of
   * @throws the reason of the signal
   *
   * @example
   * ```ts
   * import { Auth } from 'latchkey';
   *
   * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
   * auth.authorize().catch(() => {});
   * await auth.whenState('authorized');
   * ```
   */
  async whenState(value: AuthState['value'], options?: WaitOptions): Promise<AuthState> {
    checkStateName(value);
    return await this.#awaited(options, (resolve) => {
      const states = this.state$.subscribe((state) => {
        if (state.value === value) resolve(state);
      });
      return () => states.unsubscribe();
    });
  }

  /**
   * Removes a listener.
   *
   * @throws {ErrorInfo} as {@link on}
   */
  off<Name extends AuthEventName>(name: Name, listener: AuthEvents[Name]): void {
    checkEvent(name, listener);
    this.#client.subscribers.remove(name, listener);
  }

  /**
   * Ends the client: running requests are aborted, waiting calls reject (80017) and the streams complete. A
   * connection that was made for this client (the option `connection` is a function) is closed; a connection that
   * was given is not changed.
   */
  dispose(): void {
    this.#operations?.dispose(disposed());
    this.#client.dispose();
  }

  /** {@link dispose}, for `using`. */
  [DISPOSE](): void {
    this.dispose();
  }

  /** A client that is printed or serialised shows its state, and no secret. */
  toJSON(): { clientId: string | null; state: string } {
    return { clientId: this.clientId, state: this.state.value };
  }

  /** @internal */
  get [ISSUER](): Issuer | undefined {
    const { authOptions, clock, keepAlive, randomBytes, log } = this.#options;
    const { key, tokenDetails, queryTime = false } = authOptions;
    if (key === undefined || !isKeyOnly(authOptions) || tokenDetails !== undefined) return undefined;
    return { key, clock, keepAlive, queryTime, randomBytes, log };
  }

  /** Runs an operation of a part. If the part is loaded already, it runs in the same turn. */
  async #operate<T>(run: (operations: OneOffOperations) => Promise<T>, isForgettable = false): Promise<T> {
    if (this.#client.isOver) throw disposed();
    const { OneOffOperations } =
      parts.oneOffOperations.loaded ?? (await this.#load(parts.oneOffOperations, isForgettable));
    this.#operations ??= new OneOffOperations(this.#options, this.#provider, this.#client);
    return await run(this.#operations);
  }

  /** Loads a part for a call. During the load the client may be disposed of, or the user sign out. */
  async #load<T>(part: Part<T>, isForgettable: boolean): Promise<T> {
    const { signOuts: timesForgotten } = this.#client;
    const loaded = await part.load();
    if (this.#client.isOver) throw disposed();
    if (isForgettable && this.#client.signOuts !== timesForgotten) throw forgotten();
    return loaded;
  }

  /** What `listen` resolves with. It returns a function that ends the listening. */
  async #awaited<T>(options: WaitOptions, listen: (resolve: (value: T) => void) => () => void): Promise<T> {
    const given = record('options', options ?? {}).signal;
    const signal = port('signal', given ?? undefined, ['addEventListener', 'removeEventListener']);
    if (this.#client.isOver) throw disposed();
    let leave = () => {};
    try {
      return await unlessAborted(
        new Promise<T>((resolve, reject) => {
          const off = listen(resolve);
          const states = this.state$.subscribe({ complete: () => reject(disposed()) });
          leave = () => {
            off();
            states.unsubscribe();
          };
        }),
        signal,
      );
    } finally {
      leave();
    }
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
