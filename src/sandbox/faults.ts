import { seededChance } from '../chance.js';
import type { Clock, TimerHandle } from '../clock.js';
import { type Answer, errorAnswer } from './answers.js';
import { type WireError, wireError } from './fault.js';
import { checkPlan, type FaultAnswer, type FaultPlan, type FaultRoute, isSometimes } from './fault-plan.js';

/** The exchange ends without an answer, as with a broken network. */
export class Dropped extends TypeError {
  override readonly name = 'TypeError';

  constructor(why: string) {
    super(`fetch failed: ${why}`);
  }
}

/** Faults that repeat by themselves. */
export interface Storms {
  ask(): void;
  cut(): void;
}

/** What happens to one AUTH. */
export type AuthOutcome =
  | 'silence'
  | 'drop'
  | 'close'
  /** Without `error`: the correct answer. */
  | { readonly lateMs: number; readonly error?: WireError; readonly disconnects: boolean };

/** The current faults. */
export class Faults {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  readonly #timers = new Map<string, TimerHandle>();
  #storms: Storms = { ask: () => {}, cut: () => {} };
  #chance: () => number;
  #plan: FaultPlan = {};
  /** How often each fault with `times` has happened. */
  readonly #happened = new Map<keyof FaultPlan, number>();

  /** @param chance random numbers from 0 up to, but not including, 1 */
  constructor(clock: Clock, chance: () => number) {
    this.#clock = clock;
    this.#chance = chance;
  }

  set storms(storms: Storms) {
    this.#storms = storms;
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  /** Replaces the faults. @throws {ErrorInfo} 40003 if the plan is invalid; then nothing changes */
  set plan(plan: FaultPlan) {
    checkPlan(plan);
    const present = Object.entries(plan).filter(([, fault]) => fault !== undefined && fault !== null);
    this.#plan = Object.freeze(JSON.parse(JSON.stringify(Object.fromEntries(present))));
    this.#happened.clear();
    if (this.#plan.seed !== undefined) this.#chance = seededChance(this.#plan.seed);
    this.#every('ask', this.#plan.askEveryMs);
    this.#every('cut', this.#plan.cutEveryMs);
  }

  /**
   * Waits, and returns the error that the current faults demand for a REST request; undefined: answer as
   * usual. It never resolves for `hang`.
   * @throws {Dropped} for `drop`
   */
  async onRequest(route: FaultRoute, signal: AbortSignal): Promise<Answer | undefined> {
    const { delayMs = 0, jitterMs = 0 } = this.#plan;
    const late = delayMs + (jitterMs > 0 ? jitterMs * this.#chance() : 0);
    if (late > 0) await this.#wait(late, signal);
    const fault = this.#roll(this.#plan[route] === undefined ? 'rest' : route);
    if (fault === 'drop') throw new Dropped('the connection broke');
    if (fault === 'hang') await this.#wait(Number.POSITIVE_INFINITY, signal);
    if (fault === undefined || fault === 'hang') return undefined;
    const { retryAfter } = fault;
    return errorAnswer(wireOf(fault), retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
  }

  onConnect(): 'hang' | 'refuse' | WireError | undefined {
    const connect = this.#roll('connect');
    return typeof connect === 'object' ? wireOf(connect) : connect;
  }

  onAuth(): AuthOutcome {
    const auth = this.#roll('auth') ?? {};
    if (typeof auth !== 'object') return auth;
    const { status, lateMs = 0, disconnects = false } = auth;
    return { lateMs, disconnects, ...(status === undefined ? {} : { error: wireOf({ ...auth, status }) }) };
  }

  get isSilent(): boolean {
    return this.#plan.realtime === 'silence';
  }

  get realtimeDelayMs(): number {
    return this.#plan.realtimeDelayMs ?? 0;
  }

  get clockSkewMs(): number {
    return this.#plan.clockSkewMs ?? 0;
  }

  /** Fails everything that waits, and stops the timers. */
  dispose(): void {
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
    for (const drop of this.#waiting) drop();
  }

  #roll<Name extends FaultRoute | 'connect' | 'auth'>(name: Name): Certain<FaultPlan[Name]> | undefined {
    const fault = this.#plan[name];
    if (!isSometimes<Certain<FaultPlan[Name]>>(fault)) return fault as Certain<FaultPlan[Name]> | undefined;
    const happened = this.#happened.get(name) ?? 0;
    const happens = fault.times === undefined ? this.#chance() < (fault.rate ?? 1) : happened < fault.times;
    if (happens) this.#happened.set(name, happened + 1);
    return happens ? fault.fault : undefined;
  }

  #every(storm: keyof Storms, ms: number | undefined): void {
    this.#clock.clearTimeout(this.#timers.get(storm));
    this.#timers.delete(storm);
    if (ms === undefined) return;
    const again = () => {
      this.#timers.set(storm, this.#clock.setTimeout(again, ms));
      this.#storms[storm]();
    };
    this.#timers.set(storm, this.#clock.setTimeout(again, ms));
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
      const drop = () => end(() => reject(new Dropped('the sandbox was disposed of')));
      const timer = this.#clock.setTimeout(() => end(resolve), ms);
      this.#waiting.add(drop);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }
}

/** The type of a fault, without its probability. */
type Certain<F> = Exclude<F, { readonly fault: unknown } | undefined>;

function wireOf({ status, code = status * 100, message = 'switched on by hand' }: FaultAnswer): WireError {
  return wireError(code, status, message);
}
