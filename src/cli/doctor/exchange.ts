import type { SourceAnswer } from '../../../machines/ports.js';
import type { Clock } from '../../clock.js';
import { ErrorInfo, toErrorInfo } from '../../errors.js';
import { BODY_LIMIT, readBody, UnfitBody } from '../../http/body.js';
import { type AuthOptions, parseAuthOptions } from '../../sources/auth-options.js';
import { authUrlSource } from '../../sources/auth-url.js';
import { parseTokenParams, type TokenParams } from '../../token/token-params.js';

/** What an endpoint is asked with. */
export interface Question {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** The page a browser would ask from; undefined: no browser. */
  readonly origin: string | undefined;
}

/** What came over the wire. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** undefined where it is longer than can be read, or no text. */
  readonly text: string | undefined;
  readonly isTooLong: boolean;
}

/** One question, its answer, and what a client makes of it. */
export interface Exchange {
  /** undefined: there was no answer. */
  readonly told: Told | undefined;
  readonly made: SourceAnswer | ErrorInfo;
  readonly tookMs: number;
  /** Local wall time when the answer was there. */
  readonly at: number;
}

export interface Surroundings {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** How long a client waits, ms. */
  readonly timeoutMs: number;
}

/** Asks as a client of Latchkey does, by the very code it does it with, and looks at the wire meanwhile. */
export async function exchange(
  { url, method, headers, params, origin }: Question,
  tokenParams: TokenParams,
  { fetch, clock, timeoutMs }: Surroundings,
): Promise<Exchange> {
  let told: Promise<Told> | undefined;
  const watched: typeof fetch = async (input, init) => {
    const sent = new Headers(init?.headers);
    if (origin !== undefined) sent.set('origin', origin);
    const response = await fetch(input, { ...init, headers: sent });
    told = look(response.clone());
    return response;
  };
  const options: AuthOptions = { authUrl: url, authMethod: method, authHeaders: headers, authParams: params };
  const ask = authUrlSource(url, parseAuthOptions(options), { fetch: watched, clock });
  const abort = new AbortController();
  const late = new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: `no answer came within ${timeoutMs} ms`,
  });
  const timer = clock.setTimeout(() => abort.abort(late), timeoutMs);
  const start = clock.monotonic();
  const made = await Promise.race([
    ask(parseTokenParams(tokenParams), abort.signal).catch(asError),
    new Promise<ErrorInfo>((resolve) => abort.signal.addEventListener('abort', () => resolve(late))),
  ]);
  clock.clearTimeout(timer);
  const tookMs = clock.monotonic() - start;
  return { told: abort.signal.aborted ? undefined : await told, made, tookMs, at: clock.now() };
}

function asError(thrown: unknown): ErrorInfo {
  return toErrorInfo(thrown, { code: 40170, statusCode: 401, message: 'the endpoint could not be asked' });
}

async function look(response: Response): Promise<Told> {
  const { status, headers, url } = response;
  const body = await readBody(response, undefined, 4 * BODY_LIMIT).catch((fault: unknown) => fault);
  const text = typeof body === 'string' ? body : undefined;
  const length = text === undefined ? 0 : new TextEncoder().encode(text).byteLength;
  const isTooLong = length > BODY_LIMIT || (body instanceof UnfitBody && body.isTooLong);
  return { status, headers, url, text, isTooLong };
}
