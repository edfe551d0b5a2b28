import type { SourceAnswer } from '../../../machines/ports.js';
import type { Clock } from '../../clock.js';
import { ErrorInfo, isOwnError, toErrorInfo } from '../../errors/error-info.js';
import { BODY_LIMIT, readBody, UnusableBody } from '../../platform/body.js';
import { type AuthOptions, parseAuthOptions } from '../../sources/auth-options.js';
import { authUrlSource } from '../../sources/auth-url.js';
import { byName } from '../../sources/port.js';
import { parseTokenParams, type TokenParams } from '../../token/token-params.js';

/** A request to an endpoint. */
export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** The same as the client's option: false for a signed address. */
  readonly authCacheParam?: false;
  /** The origin of the browser's page; undefined: not a browser. */
  readonly origin: string | undefined;
}

/** The answer of the endpoint. */
export interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** The address of the answer, after redirects. */
  readonly url: string;
  /** undefined if the answer is too long to read, or not a text. */
  readonly text: string | undefined;
  readonly isTooLong: boolean;
}

/** A request, its answer, and how a client interprets the answer. */
export interface Exchange {
  /** undefined: there was no answer. */
  readonly received: Received | undefined;
  /** What `fetch` threw; absent if it threw nothing. */
  readonly thrown?: unknown;
  readonly made: SourceAnswer | ErrorInfo;
  readonly tookMs: number;
  /** Local wall time when the answer arrived. */
  readonly at: number;
}

export interface Surroundings {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** How long a client waits, ms. */
  readonly timeoutMs: number;
  /** Requests the time of the service, ms since the epoch. */
  readonly serviceTime: () => Promise<number>;
}

/** Sends a request with the code of a Latchkey client, and records the answer. */
export async function exchange(
  { url, method, headers, params, authCacheParam, origin }: Question,
  tokenParams: TokenParams,
  { fetch, clock, timeoutMs }: Surroundings,
): Promise<Exchange> {
  let received: Promise<Received> | undefined;
  let thrown: unknown;
  const watched: typeof fetch = async (input, init) => {
    const sent = new Headers(init?.headers);
    if (origin !== undefined) sent.set('origin', origin);
    const response = await fetch(input, { ...init, headers: sent }).catch((fault: unknown) => {
      thrown = fault;
      throw fault;
    });
    received = look(response.clone(), deadline.signal);
    return response;
  };
  const options: AuthOptions = {
    authUrl: url,
    authMethod: method,
    authHeaders: headers,
    authParams: params,
    ...(authCacheParam === undefined ? {} : { authCacheParam }),
  };
  const ask = authUrlSource(url, parseAuthOptions(options), { fetch: watched, clock });
  const deadline = new Deadline(clock, timeoutMs);
  const start = clock.monotonic();
  const made = await Promise.race([
    ask(parseTokenParams(tokenParams), deadline.signal, byName).catch(asError),
    deadline.passed,
  ]);
  const [tookMs, at] = [clock.monotonic() - start, clock.now()];
  // The client may stop reading early, so the recording waits as long as a client does.
  const seen = deadline.signal.aborted ? undefined : await received;
  deadline.end();
  return {
    received: seen && { ...seen, isTooLong: seen.isTooLong || isTooLong(made) },
    ...(thrown === undefined ? {} : { thrown }),
    made,
    tookMs,
    at,
  };
}

/** The time limit of one request. */
export class Deadline {
  readonly signal: AbortSignal;
  /** Resolves with the error for the time limit. */
  readonly passed: Promise<ErrorInfo>;
  readonly end: () => void;

  constructor(clock: Clock, ms: number) {
    const abort = new AbortController();
    const message = `no answer came within ${ms} ms`;
    const late = new ErrorInfo({ code: 40170, statusCode: 401, message });
    const timer = clock.setTimeout(() => abort.abort(late), ms);
    this.signal = abort.signal;
    this.passed = new Promise((resolve) => abort.signal.addEventListener('abort', () => resolve(late)));
    this.end = () => clock.clearTimeout(timer);
  }
}

function isTooLong(made: SourceAnswer | ErrorInfo): boolean {
  return isOwnError(made) && made.original instanceof UnusableBody && made.original.isTooLong;
}

function asError(thrown: unknown): ErrorInfo {
  return toErrorInfo(thrown, { code: 40170, statusCode: 401, message: 'the request to the endpoint failed' });
}

async function look(response: Response, signal: AbortSignal): Promise<Received> {
  const { status, headers, url } = response;
  const body = await readBody(response, signal, 4 * BODY_LIMIT).catch((fault: unknown) => fault);
  const text = typeof body === 'string' ? body : undefined;
  const length = text === undefined ? 0 : new TextEncoder().encode(text).byteLength;
  const isTooLong = length > BODY_LIMIT || (body instanceof UnusableBody && body.isTooLong);
  return { status, headers, url, text, isTooLong };
}
