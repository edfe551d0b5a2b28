import { inspect } from 'node:util';
import {
  Auth,
  type AuthEventName,
  type ClientOptions,
  ErrorInfo,
  type TokenDetails,
  type TokenParams,
} from '../../src/index.js';
import { Scenario, settle, VirtualClock } from '../../src/testing/index.js';
import { Ledger } from './ledger.js';
import { Platform } from './platform.js';
import { errorResponse, type Question, Questions } from './questions.js';
import { MARK, SecretSearch } from './secret-search.js';
import type { Setting, Step, TermsNumber } from './steps.js';
import { WatchedConnection } from './watched-connection.js';

const DEADLINE_MS = 10_000;

/** After the last trouble: the longest wait between tries, and after it the longest wait for a network. */
const CALM_MS = 95_000;

/** What a token lives that a willing source gives. */
const LIFE_MS = 60_000;

const KEY = `app.key:${MARK}-key-0123456789abcdef`;

const events: readonly AuthEventName[] = [
  'state',
  'authorized',
  'renewed',
  'expiring',
  'expired',
  'failed',
  'renewal.failed',
  'identity.changed',
  'connection.open',
  'connection.upgrade',
  'connection.replace',
  'connection.fail',
  'connection.changed',
];

const byTest = (code: number) => new ErrorInfo({ code, message: 'by the test' });

/** A client with everything around it under control; what breaks an invariant becomes a problem. */
export class World {
  readonly problems: string[] = [];
  readonly auth: Auth;
  readonly time: VirtualClock;
  readonly #device: Scenario;
  readonly #platform: Platform | null;
  readonly #setting: Setting;
  readonly #search = new SecretSearch();
  readonly #ledger: Ledger;
  readonly #questions: Questions;
  readonly #connection: WatchedConnection | null;
  readonly #calls = new Set<{ readonly name: string; readonly dueAt: number }>();
  /** Events, inspection events, errors, snapshots: not searched for secrets yet. */
  readonly #shown: unknown[] = [];
  /** Objects of the application's, as they were. */
  readonly #given = new Map<object, string>();
  readonly #terms: readonly (TokenParams | null)[];
  readonly #otherMeans: ClientOptions['authCallback'];
  #responses: ((response: Response) => void)[] = [];
  #listeners = 0;
  #streams = 0;
  #tokens = 0;
  #isDisposed = false;
  #isCalling = false;
  #reactions = 3;
  #source: 'up' | 'down' | 'silent' = 'silent';
  /** Since when nothing but time was in the way of a renewal; null: something is. */
  #calmSince: number | null = null;
  #committedTerms: string;
  /** Counts whatever gives or takes the token in use. */
  #changes = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#platform = setting.time === 'platform' ? new Platform() : null;
    this.time = this.#platform?.time ?? new VirtualClock();
    this.#device = new Scenario(this.time);
    this.#ledger = new Ledger(() => this.time.monotonic());
    this.#questions = new Questions(
      {
        asked: (question) => this.#asked(question),
        secret: (text) => this.#search.add(text),
        isCallingAuthorize: () => this.#isCalling,
        requested: (respond) => this.#requested(respond),
      },
      () => this.time.now(),
    );
    this.#connection =
      setting.connection === 'none'
        ? null
        : new WatchedConnection(setting.connection, () => this.#after('a push'));
    this.#terms = [
      null,
      this.#own({ capability: { 'terms-1:*': ['subscribe'] }, ttl: 60_000 }),
      this.#own({ capability: { 'terms-2': ['publish', 'subscribe'] } }),
    ];
    this.#otherMeans = this.#questions.callback('other', 'tokens');
    this.#committedTerms = `${setting.source === 'tokens' ? 'stored' : 'key'} 0`;
    this.auth = new Auth(this.#own(this.#options()));
    this.#listen();
  }

  async take(step: Step): Promise<void> {
    if (!CALM_STEPS.has(step.do)) this.#disturb();
    // No two things happen at the very same moment.
    await this.time.advance(1);
    this.#do(step);
    if (step.do === 'wait') await this.time.advance(step.ms);
    else if (step.do === 'next') await this.time.advance(Math.min(this.time.nextIn, 3_600_000));
    else await settle();
    this.check();
  }

  async end(): Promise<void> {
    this.#do({ do: 'dispose' });
    await settle();
    await this.time.advance(100_000);
    this.check();
    this.#search.startOver();
    this.#lookFor('at the end', [this.auth, this.auth.actor, this.auth.actor.getPersistedSnapshot()]);
    this.#lookFor('in what is printed', [inspect(this.auth, { depth: 4 })]);
    this.#platform?.restore();
  }

  check(): void {
    const running = this.#questions.live.filter(({ isOwn }) => !isOwn);
    if (running.length > 1) this.#problem(1, `${running.length} acquisitions at once`);
    const { tokenDetails } = this.auth;
    if (tokenDetails !== null && this.#ledger.isDead(tokenDetails.token))
      this.#problem(2, 'the token in use is known to be dead');
    for (const call of this.#calls) {
      if (this.time.monotonic() > call.dueAt) this.#problem(3, `${call.name}() is late`);
    }
    if (this.#isDisposed) this.#checkSilence();
    else this.#checkRest();
    this.#checkSecrets();
    for (const [object, before] of this.#given) {
      if (JSON.stringify(object) !== before) this.#problem(8, `an object was changed that held ${before}`);
    }
    for (const ms of this.#platform?.impossible.splice(0) ?? []) this.#problem(9, `a timer of ${ms} ms`);
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
        const params = this.#own({ capability: { [`own-${step.terms}`]: ['subscribe'] } });
        this.#call('requestToken', () => this.auth.requestToken(params));
        break;
      }
      case 'createTokenRequest':
        this.#call('createTokenRequest', async () => {
          const { nonce, mac } = await this.auth.createTokenRequest(this.#terms[1]);
          this.#search.add(nonce);
          this.#search.add(mac);
        });
        break;
      case 'fetch':
        // The token, the request, another token, the request again.
        this.#call('fetch', () => this.auth.fetch('/channels'), 5 * DEADLINE_MS);
        break;
      case 'subscribe':
        this.#subscribe();
        break;
      case 'look':
        this.#shown.push(this.auth.explain(), this.auth.state, this.auth.actor.getPersistedSnapshot());
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
      case 'sleep':
        if (step.noticed) this.#ledger.sleep(step.ms);
        void this.#device.sleepFor(step.ms, step.noticed);
        break;
      case 'skew':
        this.#ledger.skew();
        this.#device.skewBy(step.ms);
        break;
      case 'network':
        if (step.is === 'offline') this.#device.goOffline();
        else void this.#device.goOnline();
        break;
      case 'wait':
      case 'next':
        break;
      default:
        this.#play(step);
    }
  }

  /** The source's part. */
  #play(step: Step): void {
    const [question] = this.#questions.live;
    if (step.do === 'source') {
      this.#source = step.is;
      this.#calmSince = step.is === 'up' ? this.time.monotonic() : null;
      if (step.is === 'up') this.#connection?.acceptAll();
      else if (this.#connection !== null) this.#connection.isWilling = false;
      for (const one of this.#questions.live) this.#obey(one);
      if (step.is === 'up') for (const respond of this.#responses.splice(0)) respond(Response.json({}));
    }
    if (step.do === 'answer' && question !== undefined)
      question.answer(this.token(step.life, question.terms, step.who));
    if (step.do === 'answer late') {
      const { stale } = this.#questions;
      stale?.answer(this.token(LIFE_MS, stale.terms));
    }
    if (step.do === 'answer the same') {
      const { tokenDetails } = this.auth;
      if (tokenDetails !== null && question !== undefined) {
        this.#ledger.giveAgain(tokenDetails.token, question.terms);
        question.answer({ ...tokenDetails });
      }
    }
    if (step.do === 'answer nonsense') question?.answer({ nothing: `of use: ${MARK}-0123456789-abcdefghij` });
    if (step.do === 'fail') question?.fail(step);
    if (step.do === 'respond') {
      const response = step.accepts ? Response.json({}) : errorResponse({ code: 40142, status: 401 });
      this.#responses.shift()?.(response);
    }
  }

  token(life: number | undefined, terms: string, who?: string | null): TokenDetails {
    this.#tokens += 1;
    const token = `${MARK}-token-${this.#tokens}-0123456789abcdef`;
    this.#ledger.give(token, life, terms);
    const named = who === undefined ? {} : { clientId: who };
    // By the clock of another machine: what counts is how long it lives.
    const times = life === undefined ? {} : { issued: 1_000, expires: 1_000 + life };
    return this.#own({ token, ...named, ...times });
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
      ...(literal === 'none' ? {} : { token: this.token(undefined, this.#committedTerms) }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(renewal === 'client' ? {} : { renewal }),
      ...(this.#connection === null ? {} : { connection: this.#connection }),
      ...(this.#platform === null ? { clock: this.time } : {}),
      ...(inspector === 'none' ? {} : { inspect: (event) => this.#inspected(event) }),
      environment: this.#environment(),
      random: () => chance,
      realtimeRequestTimeout: DEADLINE_MS,
      fetch: this.#questions.fetch,
    };
  }

  /** The device's, with its listeners counted. */
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
        this.#shown.push(happening);
        if (name === 'expired' || name === 'failed' || name === 'renewal.failed') this.#react();
      });
    }
    this.auth.actor.on('token.committed', ({ token }) => {
      this.#changes += 1;
      this.#committedTerms = this.#ledger.termsOf(token.open().token) ?? this.#committedTerms;
    });
    this.auth.actor.on('forgotten', () => {
      this.#changes += 1;
    });
    this.auth.actor.on('token.dropped', ({ error }) => {
      this.#changes += 1;
      const isDeath = error.message === 'the token expired';
      if (isDeath && this.#isCalm && this.#shouldRenew && (this.#calmSince ?? 0) >= 0)
        this.#problem(6, 'a token died unreplaced while the source answered');
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
    this.#shown.push(event);
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
      this.#problem(7, `asked by ${question.terms}, where ${this.#committedTerms} was accepted last`);
    this.#obey(question);
  }

  /** A source that is up answers, one that is down fails. */
  #obey(question: Question): void {
    if (this.#source === 'up') question.answer(this.token(LIFE_MS, question.terms));
    if (this.#source === 'down') question.fail({ code: 50000, status: 500 });
  }

  #requested(respond: (response: Response) => void): void {
    this.#after('a request');
    if (this.#source === 'up') respond(Response.json({}));
    else this.#responses.push(respond);
  }

  #authorize(terms: TermsNumber, means: 'stored' | 'other' | 'literal' | 'none'): void {
    const { tokenDetails, actor } = this.auth;
    const before = { tokenDetails, terms: actor.getSnapshot().context.terms, changes: this.#changes };
    this.#isCalling = true;
    this.#call(
      'authorize',
      () => this.auth.authorize(this.#terms[terms], this.#means(means, terms)),
      0,
      () => {
        if (this.#changes !== before.changes || this.#isDisposed) return;
        if (actor.getSnapshot().context.terms !== before.terms)
          this.#problem(7, 'a failed authorize() changed the terms');
        if (this.auth.tokenDetails !== before.tokenDetails)
          this.#problem(7, 'a failed authorize() changed the token');
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
    return { ...own, token: this.token(undefined, `other ${kept}`) };
  }

  #call(name: string, run: () => Promise<unknown>, extraMs = 0, onFailure = () => {}): void {
    // Opening a connection has a budget of its own.
    const budget = DEADLINE_MS * (this.#connection === null ? 1 : 2) + extraMs;
    const call = { name, dueAt: this.time.monotonic() + budget };
    this.#calls.add(call);
    const over = () => this.#calls.delete(call);
    run().then(over, (error: unknown) => {
      over();
      this.#shown.push(error);
      if (!(error instanceof ErrorInfo)) this.#problem(3, `${name}() rejects with ${String(error)}`);
      onFailure();
    });
  }

  #subscribe(): void {
    let last: string | undefined;
    this.#streams += 1;
    this.auth.token$.subscribe({
      next: ({ token }) => {
        this.#after('a token');
        if (!this.#ledger.isKnown(token)) this.#problem(2, 'a token that nobody gave');
        if (this.#ledger.isDead(token)) this.#problem(2, 'token$ gave a token known to be dead');
        if (token !== this.auth.tokenDetails?.token) this.#problem(2, 'token$ gave a token not in use');
        if (token === last) this.#problem(2, 'token$ gave the same token twice');
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
      this.#problem(6, `${this.auth.state.value} for a minute while the source answered`);
  }

  #checkSilence(): void {
    if (this.time.pending > 0) this.#problem(4, 'a timer after dispose()');
    if (this.#calls.size > 0) this.#problem(4, 'a promise unsettled after dispose()');
    if (this.#questions.live.length > 0) this.#problem(4, 'a request alive after dispose()');
    if (this.#listeners > 0) this.#problem(4, 'a listener left after dispose()');
    if (this.#connection?.isAttached === true) this.#problem(4, 'a connection attached after dispose()');
    if (this.#streams > 0) this.#problem(4, 'a stream that did not complete');
  }

  #checkSecrets(): void {
    const { auth } = this;
    const text = JSON.stringify([auth, auth.state, auth.explain(), auth.actor.getSnapshot()]);
    if (this.#search.isSecret(text)) this.#problem(5, 'a secret in what is shown of the client');
    for (const shown of this.#shown.splice(0)) this.#lookFor('in what happened', shown);
  }

  #lookFor(where: string, value: unknown): void {
    const way = this.#search.find(value);
    if (way !== undefined) this.#problem(5, `a secret ${where}: ${way}`);
  }

  #own<T extends object>(object: T): T {
    this.#given.set(object, JSON.stringify(object));
    return object;
  }

  #after(what: string): void {
    if (this.#isDisposed) this.#problem(4, `${what} after dispose()`);
  }

  #problem(invariant: number, what: string): void {
    this.problems.push(`invariant ${invariant}: ${what}`);
  }
}

/** What happens to a client without being in the way of a renewal. */
const CALM_STEPS: ReadonlySet<Step['do']> = new Set([
  'wait',
  'next',
  'getToken',
  'createTokenRequest',
  'subscribe',
  'look',
  'source',
]);
