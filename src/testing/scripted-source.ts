import { checkNames, flag, invalidOption, port, record } from '../checks/option-checks.js';
import type { AuthCallback, TokenDetails, TokenParams, TokenRequest } from '../index.js';
import { rememberSelf, throughProxies } from '../surroundings.js';
import { required, span } from './argument-checks.js';
import type { VirtualClock } from './virtual-clock.js';

/** What a source does when it is called. Times are ms. */
export type SourceStep =
  /** Returns a new token. */
  | 'succeed'
  /** Returns its last token once more. */
  | 'repeat'
  /** Never answers. */
  | 'hang'
  | { readonly fail: unknown }
  /** Returns this value. */
  | { readonly give: string | TokenDetails | TokenRequest }
  /** Returns a new token after a delay; with `deaf` even if the call was aborted. */
  | { readonly late: number; readonly deaf?: boolean };

/** A token source that follows a script, and counts its calls. */
export interface ScriptedSource {
  /** For the client's option `authCallback`. */
  readonly authCallback: AuthCallback;
  /** The TokenParams of each call, the oldest first. */
  readonly asked: readonly TokenParams[];
  /** The number of calls. */
  readonly calls: number;
  /** The number of tokens it has returned. */
  readonly given: number;
  /** The number of calls that were aborted before the answer. */
  readonly aborted: number;
  /** Adds steps, one for each call. After the last step the source acts as before. */
  script(...steps: SourceStep[]): void;
  /** Fails with `error` from now on, until {@link ScriptedSource.comeUp}. */
  goDown(error?: unknown): void;
  /** Answers again. */
  comeUp(): void;
}

/** The options of {@link scriptedSource}. */
export interface ScriptedSourceOptions {
  /** The lifetime of its tokens, ms. Default: 60,000. */
  readonly ttl?: number;
  /** How long it takes to answer, ms. Default: 0. */
  readonly latency?: number;
  /**
   * The `clientId` of its tokens: a name, `'*'` for any client, null for anonymous. Default: the tokens have
   * none.
   */
  readonly clientId?: string | null;
}

/**
 * Makes a token source for tests: it succeeds, fails, hangs or answers late, by script.
 *
 * @param clock the clock of its tokens and its delays
 * @param options its tokens and its answers
 * @throws {ErrorInfo} 40003 if an argument is invalid, also in `script()`
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { scriptedSource, VirtualClock } from 'latchkey/testing';
 *
 * const clock = new VirtualClock();
 * const source = scriptedSource(clock, { ttl: 60_000 });
 * const auth = new Auth({ authCallback: source.authCallback, clock });
 * source.script('succeed', { fail: new Error('down') }, 'hang', { late: 3_000 });
 * await auth.authorize();
 * await clock.advance(120_000);
 * console.log(source.calls, source.given, auth.state.value);
 * ```
 */
export function scriptedSource(clock: VirtualClock, options: ScriptedSourceOptions = {}): ScriptedSource {
  const wanted = ['now', 'setTimeout', 'clearTimeout'] as const;
  port('clock', required('clock', 'a VirtualClock', clock), wanted);
  return new Scripted(clock, parseOptions(options ?? {}));
}

function parseOptions(given: ScriptedSourceOptions): ScriptedSourceOptions {
  const { ttl, latency, clientId } = record('options', given);
  checkNames(given, ['ttl', 'latency', 'clientId']);
  span('ttl', ttl);
  span('latency', latency);
  if (clientId !== undefined && clientId !== null && typeof clientId !== 'string')
    throw invalidOption('clientId', 'a string, or null for anonymous', clientId);
  return { ...given };
}

const WORDS: readonly unknown[] = ['succeed', 'repeat', 'hang'];

function checkStep(step: unknown): void {
  if (WORDS.includes(step)) return;
  if (typeof step !== 'object' || step === null || !['fail', 'give', 'late'].some((name) => name in step))
    throw invalidOption('step', `${WORDS.join(', ')}, or an object with fail, give or late`, step);
  if ('late' in step) required('late', 'a number of ms', span('late', step.late));
  if ('deaf' in step) flag('deaf', step.deaf);
}

class Scripted implements ScriptedSource {
  readonly asked: TokenParams[] = [];
  given = 0;
  aborted = 0;
  readonly #clock: VirtualClock;
  readonly #options: ScriptedSourceOptions;
  readonly #steps: SourceStep[] = [];
  #standing: SourceStep = 'succeed';
  #last: TokenDetails | undefined;

  constructor(clock: VirtualClock, options: ScriptedSourceOptions) {
    rememberSelf(this);
    this.#clock = clock;
    this.#options = options;
  }

  get calls(): number {
    return this.asked.length;
  }

  script(...steps: SourceStep[]): void {
    for (const step of steps) checkStep(step);
    this.#steps.push(...steps);
  }

  goDown(error: unknown = new Error('the source is down')): void {
    this.#standing = { fail: error };
  }

  comeUp(): void {
    this.#standing = 'succeed';
  }

  readonly authCallback: AuthCallback = (params, { signal }) => {
    this.asked.push({ ...params });
    const step = this.#steps.shift() ?? this.#standing;
    return new Promise<string | TokenDetails | TokenRequest>((resolve, reject) => {
      const answer = () => {
        signal.removeEventListener('abort', leave);
        if (typeof step === 'object' && 'fail' in step) reject(step.fail);
        else resolve(this.#answerOf(step));
      };
      const latency = this.#options.latency ?? 0;
      const late = typeof step === 'object' && 'late' in step;
      const wait = step === 'hang' ? Number.POSITIVE_INFINITY : late ? step.late : latency;
      const timer = wait === 0 ? undefined : this.#clock.setTimeout(answer, wait);
      const leave = () => {
        this.aborted += 1;
        if (!(late && step.deaf === true)) this.#clock.clearTimeout(timer);
      };
      signal.addEventListener('abort', leave, { once: true });
      if (wait === 0) answer();
    });
  };

  #answerOf(step: SourceStep): string | TokenDetails | TokenRequest {
    if (typeof step === 'object' && 'give' in step) return step.give;
    if (step !== 'repeat' || this.#last === undefined) this.#last = this.#token();
    return this.#last;
  }

  #token(): TokenDetails {
    const { clientId } = this.#options;
    const ttl = this.#options.ttl ?? 60_000;
    const issued = this.#clock.now();
    this.given += 1;
    const token = `scripted-token-${this.given}`;
    return { token, issued, expires: issued + ttl, ...(clientId === undefined ? {} : { clientId }) };
  }
}

throughProxies(Scripted);
