import { Auth, type ClientOptions, ErrorInfo, type TokenParams } from '../../src/index.js';
import { Scenario, settle, VirtualClock } from '../../src/testing/index.js';
import { Ledger } from './ledger.js';
import { Platform } from './platform.js';
import { type Question, Questions } from './questions.js';
import { MARK } from './secret-search.js';
import { Source, type SourceStep } from './source.js';
import { CALM_STEPS, type Setting, type Step, type TermsNumber } from './steps.js';
import { events, Watch } from './watch.js';
import { WatchedConnection } from './watched-connection.js';

const DEADLINE_MS = 10_000;

/**
 * How long everything must be quiet after the last fault, ms: the longest wait between tries plus the longest
 * wait for a network.
 */
const CALM_MS = 95_000;

const KEY = `app.key:${MARK}-key-0123456789abcdef`;

const byTest = (code: number) => new ErrorInfo({ code, message: 'by the test' });

/** A client in a fully controlled environment. A broken invariant becomes a problem. */
export class World {
  readonly auth: Auth;
  readonly time: VirtualClock;
  readonly #device: Scenario;
  readonly #platform: Platform | null;
  readonly #setting: Setting;
  readonly #watch = new Watch();
  readonly #ledger: Ledger;
  readonly #questions: Questions;
  readonly #source: Source;
  readonly #connection: WatchedConnection | null;
  readonly #calls = new Set<{ readonly name: string; readonly dueAt: number }>();
  readonly #terms: readonly (TokenParams | null)[];
  readonly #otherMeans: ClientOptions['authCallback'];
  #listeners = 0;
  #streams = 0;
  /** How often the client keeps the process alive at the moment. */
  #holds = 0;
  #isDisposed = false;
  #isCalling = false;
  #reactions = 3;
  /** Since when nothing but time delays a renewal; null: something does. */
  #calmSince: number | null = null;
  #committedTerms: string;
  /** Counts the events that set or remove the current token. */
  #changes = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#platform = setting.time === 'platform' ? new Platform() : null;
    this.time = this.#platform?.time ?? new VirtualClock();
    Object.assign(this.time, { hold: () => this.#hold() });
    this.#device = new Scenario(this.time, { countsSleep: setting.countsSleep });
    this.#ledger = new Ledger(() => this.time.monotonic());
    this.#questions = new Questions(
      {
        asked: (question) => this.#asked(question),
        secret: (text) => this.#watch.secret(text),
        isCallingAuthorize: () => this.#isCalling,
        requested: (respond) => {
          this.#after('a request');
          this.#source.requested(respond);
        },
      },
      () => this.time.now(),
    );
    this.#source = new Source(this.#questions, this.#ledger, (token) => this.#watch.own(token));
    this.#connection =
      setting.connection === 'none'
        ? null
        : new WatchedConnection(setting.connection, () => this.#after('a push'));
    this.#terms = [
      null,
      this.#watch.own({ capability: { 'terms-1:*': ['subscribe'] }, ttl: 60_000 }),
      this.#watch.own({ capability: { 'terms-2': ['publish', 'subscribe'] } }),
    ];
    this.#otherMeans = this.#questions.callback('other', 'tokens');
    this.#committedTerms = `${setting.source === 'tokens' ? 'stored' : 'key'} 0`;
    this.auth = new Auth(this.#watch.own(this.#options()));
    this.#listen();
  }

  get problems(): readonly string[] {
    return this.#watch.problems;
  }

  async take(step: Step): Promise<void> {
    if (!CALM_STEPS.has(step.do)) this.#disturb();
    // Two things never happen at the same moment.
    await this.time.advance(1);
    this.#do(step);
    if (step.do === 'wait') await this.time.advance(step.ms);
    else if (step.do === 'next') await this.time.advance(Math.min(this.time.nextIn, 3_600_000));
    else if (step.do === 'sleep') await this.#sleep(step.ms, step.noticed);
    else await settle();
    this.check();
  }

  async end(): Promise<void> {
    this.#do({ do: 'dispose' });
    await settle();
    await this.time.advance(100_000);
    this.check();
    this.#watch.searchAll(this.auth);
    this.#platform?.restore();
  }

  check(): void {
    const running = this.#questions.live.filter(({ isOwn }) => !isOwn);
    if (running.length > 1) this.#watch.problem(1, `${running.length} acquisitions at once`);
    const { tokenDetails } = this.auth;
    if (tokenDetails !== null && this.#ledger.isDead(tokenDetails.token))
      this.#watch.problem(2, 'the token in use is known to be dead');
    for (const call of this.#calls) {
      if (this.time.monotonic() > call.dueAt) this.#watch.problem(3, `${call.name}() is late`);
    }
    if (this.#isDisposed) this.#checkSilence();
    else this.#checkRest();
    this.#checkHolds();
    this.#watch.checkSecrets(this.auth);
    this.#watch.checkObjects();
    for (const ms of this.#platform?.impossible.splice(0) ?? [])
      this.#watch.problem(9, `a timer of ${ms} ms`);
  }

  #do(step: Step): void {
    switch (step.do) {
      case 'authorize':
        this.#authorize(step.terms, step.means);
        break;
      case 'getToken':
        this.#call('getToken', () => this.auth.getToken());
        break;
      case 'requestToken': {
        const params = this.#watch.own({ capability: { [`own-${step.terms}`]: ['subscribe'] } });
        this.#call('requestToken', () => this.auth.requestToken(params));
        break;
      }
      case 'createTokenRequest':
        this.#call('createTokenRequest', async () => {
          const { nonce, mac } = await this.auth.createTokenRequest(this.#terms[1]);
          this.#watch.secret(nonce);
          this.#watch.secret(mac);
        });
        break;
      case 'fetch':
        // The token, the request, another token, and the request again.
        this.#call('fetch', () => this.auth.fetch('/channels'), 5 * DEADLINE_MS);
        break;
      case 'subscribe':
        this.#subscribe();
        break;
      case 'look':
        this.#watch.show(this.auth.explain(), this.auth.state, this.auth.actor.getPersistedSnapshot());
        break;
      case 'forget':
        this.auth.forget();
        break;
      case 'dispose':
        this.auth.dispose();
        this.#isDisposed = true;
        break;
      case 'report':
        if (step.type !== 'token.refused') this.#connection?.report({ type: step.type });
        else this.#connection?.report({ type: step.type, error: byTest(40142) });
        break;
      case 'connection':
        this.#connection?.become(step.state);
        break;
      case 'judge':
        this.#connection?.judge(step.code === null ? null : byTest(step.code));
        break;
      case 'skew':
        this.#ledger.skew();
        this.#ledger.jump();
        this.#device.skewBy(step.ms);
        break;
      case 'network':
        if (step.is === 'offline') this.#device.goOffline();
        else void this.#device.goOnline();
        break;
      case 'wait':
      case 'next':
      case 'sleep':
        break;
      default:
        this.#play(step);
    }
  }

  /** The part of the source. */
  #play(step: SourceStep): void {
    if (step.do === 'source') {
      this.#calmSince = step.is === 'up' ? this.time.monotonic() : null;
      if (step.is === 'up') this.#connection?.acceptAll();
      else if (this.#connection !== null) this.#connection.isWilling = false;
    }
    this.#source.take(step, this.auth.tokenDetails);
  }

  async #sleep(ms: number, noticed: boolean): Promise<void> {
    // No client can renew during sleep.
    if (this.#calmSince !== null && this.#setting.countsSleep) this.#calmSince += ms;
    this.#ledger.jump();
    if (noticed && !this.#setting.countsSleep) this.#ledger.sleep(ms);
    await this.#device.sleepFor(ms, noticed);
  }

  #options(): ClientOptions {
    const { source, literal, renewal, clientId, chance, inspector } = this.#setting;
    const means: ClientOptions =
      literal === 'only'
        ? {}
        : source === 'key'
          ? { key: KEY }
          : { authCallback: this.#questions.callback('stored', source) };
    return {
      ...means,
      ...(literal === 'none' ? {} : { token: this.#source.token(undefined, this.#committedTerms) }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(renewal === 'client' ? {} : { renewal }),
      ...(this.#connection === null ? {} : { connection: this.#connection }),
      ...(this.#platform === null ? { clock: this.time } : {}),
      ...(inspector === 'none' ? {} : { inspect: (event) => this.#inspected(event) }),
      environment: this.#environment(),
      random: () => chance,
      realtimeRequestTimeout: DEADLINE_MS,
      fetch: this.#questions.fetch,
      logLevel: 'debug',
      logHandler: (line) => {
        this.#after('a line of the log');
        this.#watch.show(line);
      },
    };
  }

  /** The device's environment, with its listeners counted. */
  #environment(): NonNullable<ClientOptions['environment']> {
    const { isOnline, watch } = this.#device.environment;
    return {
      isOnline,
      watch: (listener) => {
        this.#after('a listener');
        this.#listeners += 1;
        const unwatch = watch(listener);
        return () => {
          this.#listeners -= 1;
          unwatch();
        };
      },
    };
  }

  #listen(): void {
    for (const name of events) {
      this.auth.on(name, (happening: unknown) => {
        this.#after(`event ${name}`);
        this.#watch.show(happening);
        if (name === 'expired' || name === 'failed' || name === 'renewal.failed') this.#react();
      });
    }
    this.auth.actor.on('token.committed', ({ token }) => {
      this.#changes += 1;
      this.#committedTerms = this.#ledger.termsOf(token.expose().token) ?? this.#committedTerms;
    });
    this.auth.actor.on('forgotten', () => {
      this.#changes += 1;
    });
    this.auth.actor.on('token.dropped', ({ error }) => {
      this.#changes += 1;
      const isDeath = error.message === 'the token expired';
      if (isDeath && this.#isCalm && this.#shouldRenew)
        this.#watch.problem(6, 'a token died unreplaced while the source answered');
    });
  }

  get #isCalm(): boolean {
    return this.#calmSince !== null && this.time.monotonic() - this.#calmSince > CALM_MS;
  }

  get #shouldRenew(): boolean {
    const { inputs } = this.auth.explain();
    return inputs.renewable && inputs.renewal.by === 'client' && this.auth.state.final !== true;
  }

  #disturb(): void {
    if (this.#calmSince !== null) this.#calmSince = this.time.monotonic();
  }

  #inspected(event: unknown): void {
    this.#after('an inspection event');
    this.#watch.show(event);
    if (this.#setting.inspector === 'throws') throw new Error('an inspector that fails');
  }

  #react(): void {
    if (this.#setting.reaction === 'none' || this.#reactions === 0) return;
    this.#reactions -= 1;
    this.#disturb();
    if (this.#setting.reaction === 'authorize') this.#authorize(0, 'stored');
    else this.#do({ do: this.#setting.reaction });
  }

  #asked(question: Question): void {
    this.#after('a question to the source');
    if (question.isCalledFor === false && !question.isOwn && question.terms !== this.#committedTerms)
      this.#watch.problem(7, `asked by ${question.terms}, where ${this.#committedTerms} was accepted last`);
    this.#source.obey(question);
  }

  #authorize(terms: TermsNumber, means: 'stored' | 'other' | 'literal' | 'none'): void {
    const { tokenDetails, actor } = this.auth;
    const before = { terms: actor.getSnapshot().context.terms, changes: this.#changes };
    this.#isCalling = true;
    this.#call(
      'authorize',
      () => this.auth.authorize(this.#terms[terms], this.#means(means, terms)),
      0,
      () => {
        if (this.#changes !== before.changes || this.#isDisposed) return;
        if (actor.getSnapshot().context.terms !== before.terms)
          this.#watch.problem(7, 'a failed authorize() changed the terms');
        const isDead = tokenDetails !== null && this.#ledger.isDead(tokenDetails.token);
        if (this.#ledger.isSettled && !isDead && this.auth.tokenDetails !== tokenDetails)
          this.#watch.problem(7, 'a failed authorize() changed the token');
      },
    );
    this.#isCalling = false;
  }

  #means(means: 'stored' | 'other' | 'literal' | 'none', terms: TermsNumber): ClientOptions | null {
    if (means === 'stored') return null;
    if (means === 'none') return {};
    const own = { authCallback: this.#otherMeans ?? null };
    if (means === 'other') return own;
    const kept = terms === 0 ? this.#committedTerms.split(' ')[1] : terms;
    return { ...own, token: this.#source.token(undefined, `other ${kept}`) };
  }

  #call(name: string, run: () => Promise<unknown>, extraMs = 0, onFailure = () => {}): void {
    // Opening a connection has its own time budget.
    const budget = DEADLINE_MS * (this.#connection === null ? 1 : 2) + extraMs;
    const call = { name, dueAt: this.time.monotonic() + budget };
    this.#calls.add(call);
    const over = () => this.#calls.delete(call);
    run().then(over, (error: unknown) => {
      over();
      this.#watch.show(error);
      if (!(error instanceof ErrorInfo)) this.#watch.problem(3, `${name}() rejects with ${String(error)}`);
      onFailure();
    });
  }

  #subscribe(): void {
    let last: string | undefined;
    this.#streams += 1;
    this.auth.token$.subscribe({
      next: ({ token }) => {
        this.#after('a token');
        if (!this.#ledger.isKnown(token)) this.#watch.problem(2, 'a token that nobody gave');
        if (this.#ledger.isDead(token)) this.#watch.problem(2, 'token$ gave a token known to be dead');
        if (token !== this.auth.tokenDetails?.token) this.#watch.problem(2, 'token$ gave a token not in use');
        if (token === last) this.#watch.problem(2, 'token$ gave the same token twice');
        last = token;
      },
      complete: () => {
        this.#streams -= 1;
      },
    });
  }

  #checkRest(): void {
    if (!this.#isCalm || !this.#shouldRenew || this.auth.state.value === 'idle') return;
    if (this.auth.state.value !== 'authorized')
      this.#watch.problem(6, `${this.auth.state.value} for a minute while the source answered`);
  }

  #hold(): () => void {
    this.#holds += 1;
    let letGo = () => {
      this.#holds -= 1;
      letGo = () => {};
    };
    return () => letGo();
  }

  #checkHolds(): void {
    // The platform's own clock keeps the process alive by itself.
    if (this.#platform !== null) return;
    if (this.#calls.size > 0 && this.#holds === 0)
      this.#watch.problem(10, 'a process that may end while a call waits');
    const isAsked = this.#calls.size + this.#streams > 0 || this.#connection !== null;
    if (!isAsked && this.#holds > 0) this.#watch.problem(10, 'a process kept alive for nobody');
    if (this.#isDisposed && this.#holds > 0) this.#watch.problem(10, 'a process kept alive after dispose()');
  }

  #checkSilence(): void {
    if (this.time.pending > 0) this.#watch.problem(4, 'a timer after dispose()');
    if (this.#calls.size > 0) this.#watch.problem(4, 'a promise unsettled after dispose()');
    if (this.#questions.live.length > 0) this.#watch.problem(4, 'a request alive after dispose()');
    if (this.#listeners > 0) this.#watch.problem(4, 'a listener left after dispose()');
    if (this.#connection?.isAttached === true)
      this.#watch.problem(4, 'a connection attached after dispose()');
    if (this.#streams > 0) this.#watch.problem(4, 'a stream that did not complete');
  }

  #after(what: string): void {
    if (this.#isDisposed) this.#watch.problem(4, `${what} after dispose()`);
  }
}
