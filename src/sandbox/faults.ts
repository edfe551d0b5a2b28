import type { Clock } from '../clock.js';
import { Fault, type WireError, wireError } from './fault.js';

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
  /** Connections never get an answer, or are refused. */
  readonly connect?: 'hang' | FaultAnswer;
  /** AUTH on a live connection is not answered, or refused. */
  readonly auth?: 'silence' | FaultAnswer;
}

/** The faults that are switched on. */
export class Faults {
  readonly #clock: Clock;
  plan: FaultPlan = {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What to answer to a REST request instead of the truth; never settles for `hang`. */
  async onRequest(
    route: 'requestToken' | 'time' | 'other',
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const { delayMs = 0 } = this.plan;
    if (delayMs > 0) await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, delayMs));
    const fault = route === 'other' ? undefined : this.plan[route];
    if (fault === undefined) return undefined;
    if (fault === 'hang') return await never(signal);
    return errorResponse(wireOf(fault), fault.retryAfter);
  }

  onConnect(): 'hang' | Fault | undefined {
    const { connect } = this.plan;
    if (connect === undefined || connect === 'hang') return connect;
    return Object.assign(new Fault(40000, undefined, connect.status), wireOf(connect));
  }

  onAuth(): 'silence' | WireError | undefined {
    const { auth } = this.plan;
    return auth === undefined || auth === 'silence' ? auth : wireOf(auth);
  }
}

export function errorResponse(error: WireError, retryAfter?: number): Response {
  return new Response(JSON.stringify({ error }), {
    status: error.statusCode,
    headers: {
      'content-type': 'application/json',
      'x-ably-errorcode': String(error.code),
      'x-ably-errormessage': error.message,
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
  });
}

function wireOf({ status, code = status * 100, message = 'switched on by hand' }: FaultAnswer): WireError {
  return wireError(code, status, message);
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
