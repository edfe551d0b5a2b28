import type { Clock } from '../clock.js';
import { errorResponse } from './answers.js';
import { type WireError, wireError } from './fault.js';

/** An error to answer with. */
export interface FaultAnswer {
  /** HTTP status, 400–599. */
  readonly status: number;
  /** Ably error code. Default: the status times 100. */
  readonly code?: number;
  readonly message?: string;
  /** Sent as `Retry-After`, s. */
  readonly retryAfter?: number;
}

/** What goes wrong from now on. What is left out goes right. */
export interface FaultPlan {
  /** requestToken never answers, or answers with an error. */
  readonly requestToken?: 'hang' | FaultAnswer;
  /** `GET /time` likewise. */
  readonly time?: 'hang' | FaultAnswer;
  /** Every REST answer comes this much later, ms. */
  readonly delayMs?: number;
  /** Connections never get an answer, break without a word, or are refused with an error. */
  readonly connect?: 'hang' | 'refuse' | FaultAnswer;
  /** AUTH on a live connection is not answered, or refused. */
  readonly auth?: 'silence' | FaultAnswer;
}

/** The words each fault may be, besides an error to answer with. */
const words: Readonly<Record<Exclude<keyof FaultPlan, 'delayMs'>, readonly string[]>> = {
  requestToken: ['hang'],
  time: ['hang'],
  connect: ['hang', 'refuse'],
  auth: ['silence'],
};

/** The faults that are switched on. */
export class Faults {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #plan: FaultPlan = {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {TypeError} for what is no fault */
  set plan(plan: FaultPlan) {
    checkPlan(plan);
    this.#plan = { ...plan };
  }

  /** What to answer to a REST request instead of the truth; never settles for `hang`. */
  async onRequest(
    route: 'requestToken' | 'time' | 'other',
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const { delayMs = 0 } = this.#plan;
    if (delayMs > 0) await this.#wait(delayMs, signal);
    const fault = route === 'other' ? undefined : this.#plan[route];
    if (fault === 'hang') await this.#wait(Number.POSITIVE_INFINITY, signal);
    if (fault === undefined || fault === 'hang') return undefined;
    return errorResponse(wireOf(fault), fault.retryAfter);
  }

  onConnect(): 'hang' | 'refuse' | WireError | undefined {
    const { connect } = this.#plan;
    return typeof connect === 'object' ? wireOf(connect) : connect;
  }

  onAuth(): 'silence' | WireError | undefined {
    const { auth } = this.#plan;
    return typeof auth === 'object' ? wireOf(auth) : auth;
  }

  /** Whoever waits, waits no more: the service is gone. */
  dispose(): void {
    for (const drop of this.#waiting) drop();
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        this.#clock.clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(drop);
        settle();
      };
      const abort = () => end(() => reject(signal.reason));
      const drop = () => end(() => reject(new TypeError('fetch failed: the sandbox was disposed of')));
      const timer = this.#clock.setTimeout(() => end(resolve), ms);
      this.#waiting.add(drop);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }
}

function checkPlan(plan: FaultPlan): void {
  for (const [name, fault] of Object.entries(plan)) {
    if (fault === undefined) continue;
    if (name === 'delayMs') {
      if (typeof fault !== 'number' || !(fault >= 0)) throw new TypeError('delayMs is no amount of time');
      continue;
    }
    const allowed = words[name as keyof typeof words];
    if (allowed === undefined) throw new TypeError(`there is no fault ${JSON.stringify(name)}`);
    if (!allowed.includes(fault) && !isAnswer(fault)) {
      throw new TypeError(`${name} is neither ${allowed.join(' nor ')} nor { status: 400–599 }`);
    }
  }
}

function isAnswer(fault: unknown): boolean {
  if (typeof fault !== 'object' || fault === null) return false;
  const { status } = fault as Partial<FaultAnswer>;
  return Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599;
}

function wireOf({ status, code = status * 100, message = 'switched on by hand' }: FaultAnswer): WireError {
  return wireError(code, status, message);
}
