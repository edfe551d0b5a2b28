import { record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';

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

/** A fault that always happens, happens with a probability, or happens only the first few times. */
export type Sometimes<F> =
  | F
  | { readonly rate: number; readonly fault: F }
  | { readonly times: number; readonly fault: F };

/** A request gets no answer, its connection breaks, or it gets an error. */
export type RequestFault = Sometimes<'hang' | 'drop' | FaultAnswer>;

/** The answer to AUTH on a live connection. Default: the correct one, at once. */
export interface AuthAnswer extends Partial<FaultAnswer> {
  /** Delays the answer by this time: the correct one, or the error with this `status`. */
  readonly lateMs?: number;
  /** Sends the error in DISCONNECTED, after which a client may resume, instead of ERROR. */
  readonly disconnects?: boolean;
}

/** AUTH gets no answer, breaks the transport, or is answered with CLOSED, late, or with an error. */
export type AuthFault = Sometimes<'silence' | 'drop' | 'close' | AuthAnswer>;

/** The names of the routes that can fail. */
const faultRoutes = [
  'requestToken',
  'revokeTokens',
  'time',
  'publish',
  'history',
  'presence',
  'stats',
  'apps',
  'rest',
] as const;

/** The name of a route that can fail. */
export type FaultRoute = (typeof faultRoutes)[number];

/**
 * The faults from now on. A route without a fault works.
 *
 * Each field that names a fault takes the fault itself; the fault with a probability,
 * `{ rate: 0.3, fault: { status: 503 } }`; or the fault with the number of times it happens,
 * `{ times: 1, fault: 'drop' }`. Times are ms.
 */
export interface FaultPlan extends Readonly<Partial<Record<FaultRoute, RequestFault>>> {
  /** `POST /keys/{keyName}/requestToken`. Like each route it can hang, drop, or answer with an error. */
  readonly requestToken?: RequestFault;
  readonly revokeTokens?: RequestFault;
  /** `GET /time` */
  readonly time?: RequestFault;
  /** `POST /channels/{name}/messages` */
  readonly publish?: RequestFault;
  /** `GET /channels/{name}/messages` */
  readonly history?: RequestFault;
  /** `GET /channels/{name}/presence` */
  readonly presence?: RequestFault;
  readonly stats?: RequestFault;
  /** `POST /apps` and `DELETE /apps/{appId}` */
  readonly apps?: RequestFault;
  /** Every REST route that this plan does not name. */
  readonly rest?: RequestFault;
  /** Delays every REST answer. */
  readonly delayMs?: number;
  /** Delays every REST answer further, by a random time up to this. */
  readonly jitterMs?: number;
  /** New connections get no answer, break, or are refused with an error. */
  readonly connect?: Sometimes<'hang' | 'refuse' | FaultAnswer>;
  /** What happens to an AUTH on a live connection. */
  readonly auth?: AuthFault;
  /** Live connections receive nothing, not even a heartbeat, and the service receives nothing from them. */
  readonly realtime?: 'silence';
  /** Delays everything that the service sends to connections, and keeps its order. */
  readonly realtimeDelayMs?: number;
  /** Sets the service's clock ahead by this time; back, if negative. */
  readonly clockSkewMs?: number;
  /** Asks every live connection for a new token, again and again: an AUTH storm. */
  readonly askEveryMs?: number;
  /** Breaks every transport, again and again. */
  readonly cutEveryMs?: number;
  /** The seed of the random numbers: the same seed, the same failures. Default: the random numbers continue. */
  readonly seed?: number;
}

/** The words that each fault accepts, besides an error to answer with. */
const words: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(faultRoutes.map((route) => [route, ['hang', 'drop']])),
  connect: ['hang', 'refuse'],
  auth: ['silence', 'drop', 'close'],
};

const isAtLeast = (least: number) => (value: number) => value >= least;
const numbers: Readonly<Record<string, readonly [isGood: (value: number) => boolean, wanted: string]>> = {
  delayMs: [isAtLeast(0), 'a number of ms, 0 or more'],
  jitterMs: [isAtLeast(0), 'a number of ms, 0 or more'],
  realtimeDelayMs: [isAtLeast(0), 'a number of ms, 0 or more'],
  clockSkewMs: [() => true, 'a number of ms'],
  askEveryMs: [isAtLeast(1), 'a number of ms, 1 or more'],
  cutEveryMs: [isAtLeast(1), 'a number of ms, 1 or more'],
  seed: [Number.isSafeInteger, 'a safe integer'],
};

const invalid = (message: string): ErrorInfo => new ErrorInfo({ code: 40003, message });

/** Checks a plan. @throws {ErrorInfo} 40003 if it is invalid */
export function checkPlan(plan: FaultPlan): void {
  for (const [name, fault] of Object.entries(record('plan', plan))) {
    if (fault !== undefined && fault !== null) checkFault(name, fault);
  }
}

function checkFault(name: string, fault: unknown): void {
  if (name === 'realtime') {
    if (fault !== 'silence') throw invalid("realtime must be 'silence'");
    return;
  }
  const number = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  if (number !== undefined) {
    const [isGood, wanted] = number;
    if (typeof fault === 'number' && Number.isFinite(fault) && isGood(fault)) return;
    throw invalid(`${name} must be ${wanted}`);
  }
  const allowed = Object.hasOwn(words, name) ? words[name] : undefined;
  if (allowed === undefined) throw invalid(`unknown fault ${JSON.stringify(name)}`);
  const certain = isSometimes(fault) ? fault.fault : fault;
  const isAllowed = name === 'auth' ? isAuthAnswer : isAnswer;
  if (!allowed.includes(certain as string) && !isAllowed(certain)) {
    const answers =
      name === 'auth' ? ', { lateMs: 0 or more } or { status: 400–599 }' : ' or { status: 400–599 }';
    throw invalid(`${name} must be ${allowed.join(', ')}${answers}`);
  }
}

export function isSometimes<F>(
  fault: Sometimes<F> | unknown,
): fault is { readonly rate?: number; readonly times?: number; readonly fault: F } {
  if (typeof fault !== 'object' || fault === null) return false;
  const { rate, times } = fault as Readonly<Record<string, unknown>>;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1))
    throw invalid('rate must be a number from 0 to 1');
  if (times !== undefined && !(Number.isSafeInteger(times) && Number(times) >= 0))
    throw invalid('times must be a whole number, 0 or more');
  if (rate !== undefined && times !== undefined) throw invalid('a fault must have a rate or times, not both');
  return rate !== undefined || times !== undefined;
}

function isAuthAnswer(fault: unknown): boolean {
  if (typeof fault !== 'object' || fault === null) return false;
  const { lateMs, disconnects, status } = fault as Readonly<Record<string, unknown>>;
  return (
    (lateMs === undefined ? status !== undefined : Number.isFinite(lateMs) && Number(lateMs) >= 0) &&
    (disconnects === undefined || (typeof disconnects === 'boolean' && status !== undefined)) &&
    (status === undefined || isAnswer(fault))
  );
}

function isAnswer(fault: unknown): boolean {
  if (typeof fault !== 'object' || fault === null) return false;
  const { status, code, message, retryAfter } = fault as Readonly<Record<string, unknown>>;
  return (
    Number.isInteger(status) &&
    Number(status) >= 400 &&
    Number(status) <= 599 &&
    (code === undefined || Number.isSafeInteger(code)) &&
    (message === undefined || typeof message === 'string') &&
    (retryAfter === undefined || (Number.isFinite(retryAfter) && Number(retryAfter) >= 0))
  );
}
