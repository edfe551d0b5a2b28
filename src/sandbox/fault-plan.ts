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

/** A fault each time, by chance, or only the first so many times. */
export type Sometimes<F> =
  | F
  | { readonly rate: number; readonly fault: F }
  | { readonly times: number; readonly fault: F };

/** A request is never answered, breaks off without an answer, or is answered with an error. */
export type RequestFault = Sometimes<'hang' | 'drop' | FaultAnswer>;

/** How AUTH on a live connection is answered, if not at once and by the truth. */
export interface AuthAnswer extends Partial<FaultAnswer> {
  /** The answer comes this much later: the truth, or the error with this `status`. */
  readonly lateMs?: number;
  /** The error comes in DISCONNECTED, after which a client may resume, and not in ERROR. */
  readonly disconnects?: boolean;
}

/** AUTH is not answered, breaks the transport, is answered with CLOSED, late, or with an error. */
export type AuthFault = Sometimes<'silence' | 'drop' | 'close' | AuthAnswer>;

/** The routes that can fail by name. */
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
 * What goes wrong from now on. What is left out goes right.
 *
 * Each field that names a fault takes it as it is, with the rate at which it happens,
 * `{ rate: 0.3, fault: { status: 503 } }`, or with how often it happens before all is well again,
 * `{ times: 1, fault: 'drop' }`. Times are ms.
 */
export interface FaultPlan extends Readonly<Partial<Record<FaultRoute, RequestFault>>> {
  /** `POST /keys/{keyName}/requestToken`. Like each route it may hang, drop, or answer with an error. */
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
  /** Every REST answer comes this much later. */
  readonly delayMs?: number;
  /** … and by chance up to this much later still. */
  readonly jitterMs?: number;
  /** Connections never get an answer, break without a word, or are refused with an error. */
  readonly connect?: Sometimes<'hang' | 'refuse' | FaultAnswer>;
  /** What comes of AUTH on a live connection. */
  readonly auth?: AuthFault;
  /** Live connections hear nothing, not even a heartbeat, and nothing they say arrives. */
  readonly realtime?: 'silence';
  /** Everything a connection is told comes this much later, in order. */
  readonly realtimeDelayMs?: number;
  /** The service's clock is ahead by this much; behind, when negative. */
  readonly clockSkewMs?: number;
  /** An AUTH storm: every live connection is asked for a new token, again and again. */
  readonly askEveryMs?: number;
  /** Every transport breaks without a word, again and again. */
  readonly cutEveryMs?: number;
  /** Where the chance of this plan begins: the same seed, the same failures. Default: it goes on. */
  readonly seed?: number;
}

/** The words each fault may be, besides an error to answer with. */
const words: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(faultRoutes.map((route) => [route, ['hang', 'drop']])),
  connect: ['hang', 'refuse'],
  auth: ['silence', 'drop', 'close'],
};

const numbers: Readonly<Record<string, (value: number) => boolean>> = {
  delayMs: (value) => value >= 0,
  jitterMs: (value) => value >= 0,
  realtimeDelayMs: (value) => value >= 0,
  clockSkewMs: () => true,
  askEveryMs: (value) => value >= 1,
  cutEveryMs: (value) => value >= 1,
  seed: Number.isSafeInteger,
};

const invalid = (message: string): ErrorInfo => new ErrorInfo({ code: 40003, message });

/** @throws {ErrorInfo} 40003 for what is no fault */
export function checkPlan(plan: FaultPlan): void {
  for (const [name, fault] of Object.entries(record('plan', plan))) {
    if (fault !== undefined && fault !== null) checkFault(name, fault);
  }
}

function checkFault(name: string, fault: unknown): void {
  if (name === 'realtime') {
    if (fault !== 'silence') throw invalid("realtime is not 'silence'");
    return;
  }
  const isGood = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  if (isGood !== undefined) {
    if (typeof fault === 'number' && Number.isFinite(fault) && isGood(fault)) return;
    throw invalid(`${name} is not such a number${name.endsWith('Ms') ? ' of ms' : ''}`);
  }
  const allowed = Object.hasOwn(words, name) ? words[name] : undefined;
  if (allowed === undefined) throw invalid(`there is no fault ${JSON.stringify(name)}`);
  const certain = isSometimes(fault) ? fault.fault : fault;
  const isAllowed = name === 'auth' ? isAuthAnswer : isAnswer;
  if (!allowed.includes(certain as string) && !isAllowed(certain)) {
    const answers = name === 'auth' ? '{ lateMs: 0 or more } nor { status: 400–599 }' : '{ status: 400–599 }';
    throw invalid(`${name} is neither ${allowed.join(' nor ')} nor ${answers}`);
  }
}

export function isSometimes<F>(
  fault: Sometimes<F> | unknown,
): fault is { readonly rate?: number; readonly times?: number; readonly fault: F } {
  if (typeof fault !== 'object' || fault === null) return false;
  const { rate, times } = fault as Readonly<Record<string, unknown>>;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1))
    throw invalid('a rate is from 0 to 1');
  if (times !== undefined && !(Number.isSafeInteger(times) && Number(times) >= 0))
    throw invalid('times is a whole number, 0 or more');
  if (rate !== undefined && times !== undefined) throw invalid('a fault has a rate or times, not both');
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
