import type { Actor, SnapshotFrom } from 'xstate';
import { type AcquisitionRequest, answers, joins } from '../../machines/acquisition-request.js';
import type { authMachine } from '../../machines/auth.machine.js';
import type { AuthEmitted } from '../../machines/auth-context.js';
import type { Accepted } from '../../machines/ports.js';
import { holdWhile, type LetGo } from '../async/hold.js';
import type { ConnectionReport } from '../connection/port.js';
import { disposed, ended, forgotten } from '../errors/closed-errors.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { faultLog } from '../log/user-callback.js';
import { isBasic, type ParsedClientOptions } from '../options/client-options.js';
import { isRenewable, type ParsedAuthOptions, withoutLiteral } from '../sources/auth-options.js';
import { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import { acceptFromOptions } from './accept.js';
import { type AcquisitionParams, boxFor, secretParams } from './acquisition-params.js';
import { Announcements } from './announcements.js';
import { type AuthState, stateAtTheEnd, stateOf } from './auth-state.js';
import { clientActor } from './client-actor.js';
import { ClockReading } from './clock-reading.js';
import { Identity } from './identity.js';
import { LateLink } from './late-link.js';
import { PendingCallers } from './pending-callers.js';
import { Ports } from './ports.js';
import { Subscribers } from './subscribers.js';
import type { TokenProvider } from './token-provider.js';
import type { StreamSupply } from './token-stream.js';
import { type WakeListener, type WakeMonitor, wakeMonitorFor } from './wake-monitor.js';

type ClientSnapshot = SnapshotFrom<typeof authMachine>;

/**
 * The running part of a client: its actor, those who wait for it, and those who are told.
 * Nothing runs before it is first used.
 */
export class Client implements WakeListener, StreamSupply {
  readonly actor: Actor<typeof authMachine>;
  readonly identity: Identity;
  readonly link: LateLink | null;
  /** How often it was told to forget: what came before the last time is of no use. */
  signOuts = 0;
  readonly #options: ParsedClientOptions;
  readonly #provider: TokenProvider;
  readonly #ports: Ports;
  readonly #announcements: Announcements;
  /** What the step that runs emitted. */
  readonly #emitted: AuthEmitted[] = [];
  /** When it was made, for the life of a token goes on before anything runs; null once something does. */
  #madeAt: ClockReading | null;
  #usesTokens = false;
  /** When a token was last asked for, by the monotonic clock. */
  #usedAt = Number.NEGATIVE_INFINITY;
  // Thousands of clients at rest have none of these.
  #callers: PendingCallers | undefined;
  #subscribers: Subscribers | undefined;
  /** What tells of sleep and the network, while there is a token to look after or one on its way. */
  #wakeMonitor: WakeMonitor | null = null;
  #letGo: LetGo;

  constructor(options: ParsedClientOptions, supplier: TokenProvider) {
    const { authOptions, clientId, clock, connection, tokenParams } = options;
    const details = authOptions.tokenDetails?.expose();
    // A TokenRequest is still to be exchanged: it stays among the terms until it was.
    const terms = secretParams({
      tokenParams,
      authOptions: details ? withoutLiteral(authOptions) : authOptions,
      areOptionsStored: true,
    });
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
    // An inspector hears of the end, and nothing after it.
    if (options.inspect !== undefined) this.#subscribers = new Subscribers(this, options.log);
    this.#announcements = new Announcements(options, this);
    this.link = connection ? this.#linkTo(connection) : null;
    this.#ports.link = this.link;
  }

  get isOver(): boolean {
    return this.#ports.isOver;
  }

  /** RSA4, RSA10a: whether requests carry tokens; after `authorize()` they always do. */
  get usesTokens(): boolean {
    return this.#usesTokens || !isBasic(this.#options.authOptions);
  }

  get state(): AuthState {
    return this.isOver ? stateAtTheEnd : stateOf(this.actor.getSnapshot(), this.#options.clock);
  }

  /** The token in use, if it is not known to be dead; also one that the server has just accepted. */
  get currentToken(): TokenDetails | null {
    return ((this.isOver ? null : this.link?.accepted) ?? this.#currentSecret())?.expose() ?? null;
  }

  /** By what a token was asked for last; null: it is presented. */
  get asked(): ParsedAuthOptions | null {
    return this.#ports.asked;
  }

  /** Those who follow it, if there are any. */
  get followers(): Subscribers | undefined {
    return this.#subscribers;
  }

  get storedParams(): AcquisitionParams {
    return this.actor.getSnapshot().context.terms.expose() as AcquisitionParams;
  }

  /** Those who follow it, who are made when the first one comes. */
  get subscribers(): Subscribers {
    this.#subscribers ??= new Subscribers(this, this.#options.log);
    if (this.isOver) this.#subscribers.dispose();
    return this.#subscribers;
  }

  /** Runs a new acquisition, or joins one that was called for by the same terms. */
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

  /** The connection, before a token is asked for by name: it gives up an attempt with an older one. */
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

  /** The token in use; without one, the outcome of the acquisition that runs or is begun. */
  getToken(): Promise<TokenDetails> {
    if (this.isOver) return Promise.reject(disposed());
    if (this.isSignedOut) return Promise.reject(forgotten());
    this.#use();
    this.#enter();
    if (!this.#isTokenOnItsWay || this.currentToken !== null) {
      if (this.currentToken !== null) return Promise.resolve(this.currentToken);
      const { value, error } = this.state;
      if (value === 'failed' && error !== null) return Promise.reject(error);
    }
    return this.#outcome(null);
  }

  /** A token to use instead of one that a server refused: the one in use by now, or the next. */
  replace(refused: TokenDetails, error: ErrorInfo): Promise<TokenDetails> {
    this.#enter();
    if (this.currentToken?.token === refused.token) this.#refuse(error);
    return this.getToken();
  }

  /** The current token is refused. */
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

  /** A token that the client was made with is looked after as soon as anybody takes an interest. */
  listenedTo(): void {
    if (this.actor.getSnapshot().context.current !== null) this.#start();
  }

  forget(): void {
    if (this.isOver) return;
    this.#enter();
    this.#usesTokens = false;
    this.#provider.forget();
    const { authOptions, tokenParams } = this.#options;
    // What came after construction goes, and each token that was given as it is.
    const means = withoutLiteral(authOptions);
    const terms = secretParams({ tokenParams, authOptions: means, areOptionsStored: true });
    this.actor.send({ type: 'forget', stored: { terms, renewable: isRenewable(means) } });
  }

  /** Whether the user signed out, and nobody is signing in. */
  get isSignedOut(): boolean {
    const { wanted, request } = this.actor.getSnapshot().context;
    return wanted === 'signed out' && request === null && !this.isOver;
  }

  #use(): void {
    this.#usedAt = this.#options.clock.monotonic();
  }

  isInUse(withinMs: number): boolean {
    if (this.link?.isInUse || this.#subscribers?.areTokensHeard) return true;
    return this.#options.clock.monotonic() - this.#usedAt <= withinMs;
  }

  dispose(): void {
    // First: without its client it would break off what it began. Whoever hears of it may dispose of the client.
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

  /** The process stays for callers, and for a connection or a subscriber without a token that one comes to. */
  #holdOn(): void {
    const snapshot = this.actor.getSnapshot();
    const isAtRest =
      snapshot.matches('idle') || snapshot.matches('authorized') || snapshot.matches({ failed: 'final' });
    const isMissed =
      this.link?.isWaiting || (snapshot.context.current === null && this.#subscribers?.areTokensHeard);
    const isAwaited = !this.isOver && (this.#callers !== undefined || (!isAtRest && isMissed === true));
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

  /** Whether an acquisition runs that the machine knows to be needed: one caller more changes nothing. */
  get #isTokenOnItsWay(): boolean {
    const { request, wanted } = this.actor.getSnapshot().context;
    return request !== null && wanted === 'yes';
  }

  /** Those who wait, for the last time: all of them hear the same outcome. */
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
    // A sleep that nothing told of yet counts.
    const sleptMs = this.#madeAt?.sleptMs ?? this.#wakeMonitor?.sleptMs ?? 0;
    return this.#options.clock.monotonic() + sleptMs < current.expiresAt ? current.token : null;
  }

  /** The way in for all that comes from outside: what was slept has passed before anything is decided. */
  #enter(): void {
    this.#start();
    this.compareClocks();
  }

  /** Notices a sleep that nothing told of. */
  compareClocks(): number {
    this.#wakeMonitor?.check();
    return this.actor.getSnapshot().context.sleeps.length;
  }

  #start(): void {
    const madeAt = this.#madeAt;
    if (madeAt === null || this.isOver) return;
    this.#madeAt = null;
    const { current } = this.actor.getSnapshot().context;
    // Kept until the step is done: who is told may dispose of the client, and a step cannot be left halfway.
    this.actor.on('*', this.#emitted.push.bind(this.#emitted));
    this.actor.subscribe(this);
    this.actor.start();
    // XState keeps what an actor was made with for good: 400 bytes of each client, in the context long ago.
    this.actor.options = NO_OPTIONS;
    // The machine planned by the moment it was made at.
    if (current !== null && (madeAt.agoMs > 0 || madeAt.sleptMs > 0)) this.timeJumped(madeAt.sleptMs);
  }

  /** The machine is in another state, or in the same for another reason. */
  next(snapshot: ClientSnapshot): void {
    const emitted = this.#emitted.splice(0);
    // All at once, and before anybody is told: whoever is told may call again, and waits for the next step.
    this.#settleBy(emitted);
    for (const one of emitted) {
      if (one.type === 'forgotten') this.signOuts += 1;
      this.#announcements.tell(one, snapshot.matches('failed'));
    }
    this.#announcements.decided(snapshot);
    const isAtRest = snapshot.matches('idle') || snapshot.matches({ failed: 'final' });
    if (snapshot.context.current === null && isAtRest) this.#rest();
    else this.#watch();
    this.#subscribers?.stateMayHaveChanged();
    this.#holdOn();
  }

  /** The machine broke down: nobody is to wait for it. */
  error(fault: unknown): void {
    faultLog(this.#options.log, 'the client')(fault);
    this.#settle()?.reject(ended('the client broke down'));
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

  /** A connection that asks while the token endpoint cannot make a token now is told so, not left waiting. */
  #tellDelay(): void {
    const { value, error, final } = this.state;
    if (value === 'failed' && final === false && error !== null) this.link?.run((link) => link.delay(error));
  }

  #takeReport(report: ConnectionReport): void {
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
      // Of a verdict the link knows which token is meant: it calls refused() if it is the one in use.
    }
    this.#holdOn();
  }
}

/** The connection failed because the key behind the token was revoked, has expired, or is unknown. */
const saysKeyIsBad = (
  report: ConnectionChange,
): report is ConnectionChange & { readonly reason: ErrorInfo } =>
  report.state === 'failed' && Math.floor((report.reason?.code ?? 0) / 10) === 4013;

type ConnectionChange = Extract<ConnectionReport, { readonly type: 'connection.changed' }>;

const NO_OPTIONS = Object.freeze({});
