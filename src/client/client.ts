import type { Actor, SnapshotFrom } from 'xstate';
import { type AcquisitionRequest, answers, joins } from '../../machines/acquisition.js';
import type { authMachine } from '../../machines/auth.machine.js';
import { type AuthEmitted, isPutOff } from '../../machines/auth-context.js';
import type { Accepted } from '../../machines/ports.js';
import { ClockReading, holdWhile, type LetGo } from '../clock.js';
import type { ConnectionChange, ConnectionReport } from '../connection/port.js';
import { disposed, ended, forgotten } from '../errors/closed-errors.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { faultLog } from '../log/user-callback.js';
import { isBasic, type ParsedClientOptions } from '../options/client-options.js';
import { isRenewable, type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import { Identity } from '../token/identity.js';
import { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import { acceptFromOptions } from './accept.js';
import { type AcquisitionParams, boxFor, firstParams } from './acquisition-params.js';
import { Announcements } from './announcements.js';
import { type AuthState, stateAtTheEnd, stateOf } from './auth-state.js';
import { clientActor } from './client-actor.js';
import { LateLink } from './late-link.js';
import { PendingCallers } from './pending-callers.js';
import { Ports } from './ports.js';
import { Subscribers } from './subscribers.js';
import type { TokenProvider } from './token-provider.js';
import type { StreamSupply } from './token-stream.js';
import { type WakeListener, type WakeMonitor, wakeMonitorFor } from './wake-monitor.js';

type ClientSnapshot = SnapshotFrom<typeof authMachine>;

/**
 * The running part of a client: its actor, its pending callers and its subscribers. Nothing runs before the first
 * use.
 */
export class Client implements WakeListener, StreamSupply {
  readonly actor: Actor<typeof authMachine>;
  readonly identity: Identity;
  readonly link: LateLink | null;
  /** How often `forget()` was called. What began before the last call belongs to an earlier user. */
  signOuts = 0;
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #ports: Ports;
  readonly #announcements: Announcements;
  /**
   * The clocks at the construction: a literal token gets older before anything runs. null: the actor was started.
   */
  #madeAt: ClockReading | null;
  /** The snapshot of the last step. */
  #snapshot: ClientSnapshot | undefined;
  #usesTokens = false;
  /** The monotonic moment at which a token was last asked for. */
  #usedAt: number | undefined;
  // Thousands of clients at rest have none of these objects.
  #callers: PendingCallers | undefined;
  #subscribers: Subscribers | undefined;
  /** Reports sleep and the network while there is a token, or a request for one. */
  #wakeMonitor: WakeMonitor | null = null;
  #letGo: LetGo;

  constructor(options: ParsedClientOptions, supplier: TokenProvider) {
    const { authOptions, clientId, clock, connection, tokenParams } = options;
    const details = authOptions.tokenDetails?.expose();
    // A TokenRequest still has to be exchanged, so it stays in the parameters until then.
    const terms = firstParams(tokenParams, details ? withoutLiteral(authOptions) : authOptions);
    const renewable = isRenewable(authOptions);
    const given: Accepted | null = details
      ? { ...acceptFromOptions(details, clock), terms, renewable }
      : null;
    this.#options = options;
    this.#madeAt = new ClockReading(clock);
    this.identity = new Identity(clientId, given?.token.expose().clientId);
    this.#provider = supplier;
    this.#ports = new Ports(options, supplier, this);
    const ports = new Secret(this.#ports, 'ports');
    const isSilent = () => this.#subscribers?.isOver ?? false;
    this.actor = clientActor(options, { ports, terms, renewable, given }, isSilent);
    // An inspector sees the disposal, and nothing after it.
    if (options.inspect !== undefined) this.#subscribers = new Subscribers(this, options.log);
    this.#announcements = new Announcements(options, this);
    this.link = connection ? this.#linkTo(connection) : null;
    this.#ports.link = this.link;
  }

  get isOver(): boolean {
    return this.#ports.isOver;
  }

  /** Whether requests carry tokens (RSA4, RSA10a). After `authorize()` they always do. */
  get usesTokens(): boolean {
    return this.#usesTokens || !isBasic(this.#options.authOptions);
  }

  get state(): AuthState {
    return this.isOver ? stateAtTheEnd : stateOf(this.actor.getSnapshot(), this.#options.clock);
  }

  /** The current token, unless it is known to be expired. A token that the server has just accepted counts too. */
  get currentToken(): TokenDetails | null {
    return ((this.isOver ? null : this.link?.accepted) ?? this.#currentSecret())?.expose() ?? null;
  }

  /** The AuthOptions of the last request for a token. null: the token is being presented. */
  get asked(): ParsedAuthOptions | null {
    return this.#ports.asked;
  }

  /** The subscribers. undefined: there was none yet. */
  get subscribersSoFar(): Subscribers | undefined {
    return this.#subscribers;
  }

  get storedParams(): AcquisitionParams {
    return this.actor.getSnapshot().context.terms.expose() as AcquisitionParams;
  }

  /** The subscribers. The object is made at the first call. */
  get subscribers(): Subscribers {
    this.#subscribers ??= new Subscribers(this, this.#options.log);
    if (this.isOver) this.#subscribers.dispose();
    return this.#subscribers;
  }

  /** Starts an acquisition, or joins a running one that a caller began with equal parameters. */
  async authorize(own: AcquisitionParams | null): Promise<TokenDetails> {
    this.#enter();
    const terms = boxFor(own, this.actor.getSnapshot().context);
    const reason = own?.needs === undefined ? 'authorize' : 'capability';
    const request: AcquisitionRequest = { byCaller: true, overrides: own !== null, terms, reason };
    this.#use();
    if (!this.isOver) this.#prepare(request);
    const token = await this.#outcome(request);
    this.#usesTokens = true;
    return token;
  }

  /** Prepares the connection for `authorize()`: it gives up an attempt with an older token. */
  #prepare(request: AcquisitionRequest): void {
    const { request: running, current } = this.actor.getSnapshot().context;
    if (answers(running, request)) return;
    if (current !== null || !joins(running, request)) {
      this.link?.run((link) => link.halt());
      return;
    }
    this.#ports.join();
    this.link?.run((link) => link.begin());
  }

  /** The current token. Without one: the result of the running acquisition, which is started if necessary. */
  getToken(): Promise<TokenDetails> {
    if (this.isOver) return Promise.reject(disposed());
    if (this.isSignedOut) return Promise.reject(forgotten());
    this.#use();
    // Nothing is decided for one more caller of a running acquisition.
    if (this.#areCallersJoined) return this.#outcome(null);
    this.#enter();
    const token = this.currentToken;
    if (token !== null) {
      if (isPutOff(this.actor.getSnapshot().context)) this.actor.send({ type: 'token.needed' });
      return Promise.resolve(token);
    }
    if (!this.#isTokenOnItsWay) {
      const { value, error } = this.state;
      if (value === 'failed' && error !== null) return Promise.reject(error);
    }
    return this.#outcome(null);
  }

  /** The service refused a token. If it is the current one, another one replaces it. */
  refuse(refused: TokenDetails, error: ErrorInfo): void {
    this.#enter();
    if (this.currentToken?.token === refused.token) this.#refuse(error);
  }

  /** The server refused the current token. */
  #refuse(error: ErrorInfo): void {
    const refused = this.#currentSecret();
    if (refused !== null) this.#provider.noteRefused(refused.expose().token);
    this.actor.send({ type: 'token.refused', error });
  }

  need(): void {
    if (this.isOver) return;
    this.#enter();
    this.actor.send({ type: 'token.needed' });
  }

  left(): void {
    this.#holdOn();
  }

  /** The renewal of a literal token is planned from the first listener on. */
  listenedTo(): void {
    if (this.actor.getSnapshot().context.current !== null) this.#start();
  }

  forget(): void {
    if (this.isOver) return;
    this.#enter();
    this.#usesTokens = false;
    this.#provider.forget();
    const { authOptions, tokenParams } = this.#options;
    // The changes since the construction are dropped, and every literal token.
    const means = withoutLiteral(authOptions);
    const terms = firstParams(tokenParams, means);
    this.actor.send({ type: 'forget', stored: { terms, renewable: isRenewable(means) } });
  }

  /** Whether the user signed out, and no sign-in runs. */
  get isSignedOut(): boolean {
    const { wanted, request } = this.actor.getSnapshot().context;
    return wanted === 'signed out' && request === null && !this.isOver;
  }

  #use(): void {
    this.#usedAt = this.#options.clock.monotonic();
  }

  isInUse(withinMs: number): boolean {
    if (this.link?.isInUse || this.#subscribers?.areTokensHeard) return true;
    return this.#options.clock.monotonic() - (this.#usedAt ?? Number.NEGATIVE_INFINITY) <= withinMs;
  }

  dispose(): void {
    // The connection is closed first: it needs this client to end what it began. Its listeners may call
    // `dispose()` again.
    if (!this.isOver) this.link?.endOwn();
    if (this.isOver) return;
    this.#ports.end();
    this.#rest();
    this.#announcements.drop();
    try {
      this.link?.dispose();
    } finally {
      this.actor.stop();
      this.#settle()?.reject(disposed());
      this.#subscribers?.dispose();
      this.#holdOn();
    }
  }

  /** Keeps the process alive for callers, and for a connection or a subscriber that waits for a token. */
  #holdOn(): void {
    const snapshot = this.actor.getSnapshot();
    const isAtRest = () =>
      snapshot.matches('idle') || snapshot.matches('authorized') || snapshot.matches({ failed: 'final' });
    const isMissed = () =>
      this.link?.isWaiting || (snapshot.context.current === null && this.#subscribers?.areTokensHeard);
    const isAwaited = !this.isOver && (this.#callers !== undefined || (isMissed() === true && !isAtRest()));
    this.#letGo = holdWhile(isAwaited, this.#letGo, this.#options);
  }

  #outcome(request: AcquisitionRequest | null): Promise<TokenDetails> {
    if (this.isOver) return Promise.reject(disposed());
    const isFirst = this.#callers === undefined;
    this.#callers ??= new PendingCallers(this.#options);
    return new Promise((resolve, reject) => {
      this.#callers?.add(resolve, reject);
      if (request !== null) this.actor.send({ type: 'authorize', request });
      else if (!this.#isTokenOnItsWay) this.actor.send({ type: 'token.needed' });
      else if (isFirst) this.#holdOn();
    });
  }

  /** Whether an acquisition runs that the machine counts as needed. Then one more caller changes nothing. */
  get #isTokenOnItsWay(): boolean {
    const { request, wanted } = this.actor.getSnapshot().context;
    return request !== null && wanted === 'yes';
  }

  /** Whether callers wait for the running acquisition, and there is no token before its result. */
  get #areCallersJoined(): boolean {
    if (this.#callers === undefined || !this.#isTokenOnItsWay) return false;
    return this.actor.getSnapshot().context.current === null && !this.link?.accepted;
  }

  /** Returns the pending callers, and forgets them. All of them get the same outcome. */
  #settle(): PendingCallers | undefined {
    const callers = this.#callers;
    this.#callers = undefined;
    return callers;
  }

  #settleBy(emitted: readonly AuthEmitted[]): void {
    for (const one of emitted) {
      if (one.type === 'token.committed') this.#settle()?.resolve(one.token.expose());
      else if (one.type === 'forgotten' || one.type === 'token.denied') this.#settle()?.reject(forgotten());
      else if (one.type === 'acquisition.failed' || one.type === 'failed') this.#settle()?.reject(one.error);
    }
  }

  #currentSecret(): Secret<TokenDetails> | null {
    const { current } = this.actor.getSnapshot().context;
    if (current === null || this.isOver) return null;
    // A sleep that no event has reported yet counts.
    const sleptMs = this.#madeAt?.sleptMs ?? this.#wakeMonitor?.sleptMs ?? 0;
    return this.#options.clock.monotonic() + sleptMs < current.expiresAt ? current.token : null;
  }

  /**
   * Every call and report from outside goes through this method: a sleep is counted before anything is decided.
   */
  #enter(): void {
    this.#start();
    this.compareClocks();
  }

  /** Notices a sleep that no event reported. Returns how many the running acquisition has seen. */
  compareClocks(): number {
    if (this.#wakeMonitor !== null && this.#wakeMonitor.sleptMs > 0) this.#wakeMonitor.check();
    return this.actor.getSnapshot().context.sleeps.length;
  }

  #start(): void {
    const madeAt = this.#madeAt;
    if (madeAt === null || this.isOver) return;
    this.#madeAt = null;
    const { current } = this.actor.getSnapshot().context;
    this.actor.subscribe(this);
    this.actor.start();
    // XState keeps the options of an actor for good. They are in the context already, and take 400 bytes for each
    // client.
    this.actor.options = NO_OPTIONS;
    // The machine made its plan at the construction.
    if (current !== null && (madeAt.agoMs > 0 || madeAt.sleptMs > 0)) this.timeJumped(madeAt.sleptMs);
  }

  /** The machine is in another state, or in the same state for another reason. */
  next(snapshot: ClientSnapshot): void {
    // A report of the acquisition changes nothing.
    if (snapshot === this.#snapshot && this.#ports.emitted.length === 0) return;
    this.#snapshot = snapshot;
    // The events were collected until the step was done: a listener may dispose of the client, and a step cannot be
    // interrupted.
    const emitted = this.#ports.emitted.splice(0);
    // All callers are settled before any listener is called: a listener may call again, and then waits for the
    // next step.
    this.#settleBy(emitted);
    for (const one of emitted) {
      if (one.type === 'forgotten') this.signOuts += 1;
      this.#announcements.tell(one, one.type === 'acquisition.failed' && snapshot.matches('failed'));
    }
    this.#announcements.decided(snapshot);
    const isAtRest = () => snapshot.matches('idle') || snapshot.matches({ failed: 'final' });
    if (snapshot.context.current === null && isAtRest()) this.#rest();
    else this.#watch();
    this.#subscribers?.stateMayHaveChanged();
    this.#holdOn();
  }

  /** The machine failed with an unexpected error. No caller is left waiting. */
  error(fault: unknown): void {
    faultLog(this.#options.log, 'the client')(fault);
    this.#settle()?.reject(ended('the client failed with an unexpected error'));
    this.#holdOn();
  }

  timeJumped(ms: number): void {
    this.actor.send({ type: 'time.jumped', ms });
  }

  networkIsBack(): void {
    this.actor.send({ type: 'network.back' });
  }

  userIsBack(): void {
    if (this.actor.getSnapshot().context.signInTries > 0) this.actor.send({ type: 'user.back' });
  }

  #watch(): void {
    if (this.#wakeMonitor !== null || this.isOver) return;
    this.#wakeMonitor = wakeMonitorFor(this.#options.clock, this.#options.environment);
    this.#wakeMonitor.add(this, this.#options.log);
  }

  #rest(): void {
    this.#wakeMonitor?.remove(this);
    this.#wakeMonitor = null;
  }

  #linkTo(connection: NonNullable<ParsedClientOptions['connection']>): LateLink {
    return new LateLink(connection, this.#options, {
      held: () => this.#currentSecret(),
      asked: () => this.storedParams.tokenParams.clientId,
      pushed: (event) => this.#announcements.pushed(event),
      reported: (report) => this.#takeReport(report),
      refused: (error) => {
        this.#enter();
        this.#refuse(error);
        this.#tellDelay();
      },
      needed: () => {
        if (this.actor.getSnapshot().matches('idle')) this.need();
      },
    });
  }

  /** Tells a waiting connection that the token endpoint cannot give a token at the moment. */
  #tellDelay(): void {
    const { value, error, final } = this.state;
    if (value === 'failed' && final === false && error !== null) this.link?.run((link) => link.delay(error));
  }

  #takeReport(report: ConnectionReport<ErrorInfo>): void {
    switch (report.type) {
      case 'connection.changed':
        this.#announcements.changed(report);
        if (!saysKeyIsBad(report)) break;
        this.#enter();
        if (this.currentToken !== null) this.#refuse(report.reason);
        break;
      case 'token.needed':
        this.need();
        this.#tellDelay();
        break;
      case 'token.asked':
        this.#enter();
        this.actor.send({ type: 'token.asked' });
        break;
      case 'identity.confirmed':
        this.#announcements.learn(report.clientId);
        break;
      // The link knows which token a verdict is about. It calls refused() if that is the current token.
    }
    this.#holdOn();
  }
}

/** Whether the connection failed because the key of the token was revoked, has expired or is unknown. */
const saysKeyIsBad = (
  report: ConnectionChange,
): report is ConnectionChange & { readonly reason: ErrorInfo } =>
  report.state === 'failed' && Math.floor((report.reason?.code ?? 0) / 10) === 4013;

const NO_OPTIONS = Object.freeze({});
