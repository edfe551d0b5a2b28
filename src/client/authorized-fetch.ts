import type { Clock } from '../clock.js';
import { ErrorInfo, isTokenError } from '../errors.js';
import { readBody } from '../http/body.js';
import { errorFrom, unreachable } from '../http/error-response.js';
import { ablyHeaders, basic, bearer } from '../http/headers.js';
import type { ApiKey } from '../token/api-key.js';
import type { TokenDetails } from '../token/token-details.js';

/** Redirects within the origin that are followed. */
const MOST_REDIRECTS = 5;

export interface FetchOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** `https://host`: where the credentials may go, and nowhere else. */
  readonly origin: string;
  readonly clientId: string | undefined;
  /** Until the answer begins, ms. */
  readonly timeoutMs: number;
  /** The key to authenticate with; undefined: with tokens. */
  key(): ApiKey | undefined;
  /** A token to use. */
  token(): Promise<TokenDetails>;
  /** A token to use instead of one that was refused. */
  replacement(refused: TokenDetails, error: ErrorInfo): Promise<TokenDetails>;
}

/** Sends requests with the client's credentials. A token that is refused is replaced, once. @see RSC9, RSC10 */
export class AuthorizedFetch {
  readonly #options: FetchOptions;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  /** @throws {ErrorInfo} */
  async send(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const url = this.#address(input instanceof Request ? input.url : input);
    const key = this.#options.key();
    if (key !== undefined) return await this.#attempt(url, input, init, basic(key));
    const token = await this.#options.token();
    const response = await this.#attempt(url, input, init, bearer(token.token));
    const refusal = await this.#refusalIn(response);
    if (refusal === null) return response;
    const next = await this.#options.replacement(token, refusal);
    if (init.body instanceof ReadableStream) throw sentOnce(refusal);
    const again = await this.#attempt(url, input, init, bearer(next.token));
    const second = await this.#refusalIn(again);
    if (second !== null) throw second;
    return again;
  }

  /** @throws {ErrorInfo} 40003 for an address of another origin. */
  #address(given: string | URL): URL {
    const { origin } = this.#options;
    const text = String(given);
    if (!URL.canParse(text, origin))
      throw invalid('the address cannot be read', 'Give a path, or an address of the service.');
    const url = new URL(text, origin);
    if (url.origin === origin) return url;
    throw invalid(
      `the address is of another origin than ${origin}`,
      'Credentials only go to the service. Use the platform fetch() for other origins.',
    );
  }

  async #attempt(
    url: URL,
    input: string | URL | Request,
    init: RequestInit,
    authorization: string,
  ): Promise<Response> {
    let address = url;
    let request = input instanceof Request ? new Request(input.clone(), init) : new Request(address, init);
    for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
      const response = await this.#once(request, authorization);
      const next = redirectOf(response, address);
      if (next === null || init.redirect === 'manual') return response;
      if (next.origin !== url.origin) throw redirected();
      address = next;
      request = afterRedirect(response.status, next, init);
    }
    throw invalid(`more than ${MOST_REDIRECTS} redirects`, 'Ask the address that the redirects lead to.');
  }

  async #once(request: Request, authorization: string): Promise<Response> {
    const { fetch, clock, clientId, timeoutMs } = this.#options;
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(ablyHeaders(clientId))) {
      if (name !== 'accept' || !request.headers.has('accept')) headers.set(name, value);
    }
    // RSC19b: a caller's own never wins.
    headers.set('authorization', authorization);
    const timeout = new AbortController();
    const stop = () => timeout.abort(request.signal.reason);
    const timer = clock.setTimeout(() => timeout.abort(new Error('no answer in time')), timeoutMs);
    if (request.signal.aborted) stop();
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      return await fetch(new Request(request, { headers, redirect: 'manual', signal: timeout.signal }));
    } catch (cause) {
      if (request.signal.aborted) throw cause;
      throw unreachable(this.#options.origin, cause);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** The error of a response that a new token would cure; null for any other response. */
  async #refusalIn(response: Response): Promise<ErrorInfo | null> {
    if (response.status !== 401) return null;
    const body = await readBody(response.clone()).catch(() => '');
    const error = errorFrom(response, body, this.#options.clock.now());
    return isTokenError(error) ? error : null;
  }
}

/** Where a response leads; null where it leads nowhere. */
function redirectOf(response: Response, from: URL): URL | null {
  if (response.type === 'opaqueredirect') throw redirected();
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return null;
  return URL.canParse(location, from) ? new URL(location, from) : null;
}

/** As fetch does: 307 and 308 repeat the request, the others ask with GET. */
function afterRedirect(status: number, next: URL, init: RequestInit): Request {
  if (status !== 307 && status !== 308) {
    const { body: _sent, method, ...rest } = init;
    return new Request(next, { ...rest, method: method?.toUpperCase() === 'HEAD' ? 'HEAD' : 'GET' });
  }
  if (init.body instanceof ReadableStream) throw sentOnce(undefined);
  return new Request(next, init);
}

function sentOnce(refusal: ErrorInfo | undefined): ErrorInfo {
  return new ErrorInfo({
    code: refusal?.code ?? 40003,
    statusCode: refusal?.statusCode ?? 400,
    message: 'the request must be sent again, and its body is a stream, which can be sent only once',
    remediation:
      'Send it again with a new stream: by now there is a new token. Or give the body as text or bytes.',
    ...(refusal === undefined ? {} : { cause: refusal }),
  });
}

function redirected(): ErrorInfo {
  return invalid(
    'the service redirects to another origin',
    'Credentials do not go there. Check endpoint, port and tls.',
  );
}

function invalid(message: string, remediation: string): ErrorInfo {
  return new ErrorInfo({ code: 40003, message, remediation });
}
