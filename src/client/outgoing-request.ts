import { record } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { noStore } from '../http/no-store.js';

/** Headers that tell of a body, and go with it. */
const OF_THE_BODY = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
];

/**
 * A request of the caller's, to be sent as often as it takes: copied before anything is sent, so that
 * what the caller gave stays as it was.
 */
export class OutgoingRequest {
  readonly #whole: Request;
  /**
   * The request whose signal counts, and the one it follows: both are held, because signals hold those
   * who follow them only weakly. It is never the caller's own, which may live on: what listens to the
   * signal goes with this one.
   */
  readonly #listensTo: { readonly request: Request; readonly follows?: Request };
  /** A body that can be read once, by us or by nobody. */
  readonly #isOneShot: boolean;
  /** What a redirect is to it: to be followed, an error, or an answer. */
  readonly redirect: Request['redirect'];
  /**
   * How caches take part: as the caller says, else not at all. What is kept for one user is given to the
   * next, who asks for the same with another token.
   */
  readonly caching: Pick<RequestInit, 'cache'>;
  #isSent = false;
  #next: Request | undefined;

  /**
   * @param origin where it may go, and nowhere else
   * @throws {ErrorInfo} 40003 for another origin, and for what the platform does not send
   */
  constructor(input: string | URL | Request, init: RequestInit, origin: string) {
    if (!(init instanceof Request)) record('init', init);
    const address = addressOf(input, origin);
    // Cloudflare Workers make no request with 'error', and it is sent with 'manual' anyway.
    const isStrict = init.redirect === 'error' && !(init instanceof Request);
    const sendable = isStrict ? { ...init, redirect: undefined } : init;
    this.#isOneShot = isGiven(init.body) && !canBeReadAgain(init.body);
    try {
      this.#whole = new Request(input instanceof Request ? input.clone() : address, sendable as RequestInit);
    } catch (cause) {
      throw new ErrorInfo({
        code: 40003,
        message: 'the request is one that cannot be sent',
        remediation: 'Look at the cause: it is what new Request() says of the same arguments.',
        cause,
      });
    }
    this.redirect = isStrict ? 'error' : this.#whole.redirect;
    const isSaid = init.cache !== undefined || (input instanceof Request && input.cache !== 'default');
    this.caching = isSaid ? {} : noStore();
    const isFollowing = input instanceof Request && init.signal === undefined;
    this.#listensTo = isFollowing
      ? { request: new Request(input.url, { signal: input.signal }), follows: input }
      : { request: this.#whole };
  }

  /** Aborts with the caller's own, or never. */
  get signal(): AbortSignal {
    return this.#listensTo.request.signal;
  }

  get url(): string {
    return (this.#next ?? this.#whole).url;
  }

  /** Back to where it was before a redirect. */
  rewind(): void {
    this.#next = undefined;
  }

  /**
   * The request to send now.
   * @param refusal why it must be sent again, if it must
   * @throws {ErrorInfo} when its body was sent and cannot be read again
   */
  take(refusal: ErrorInfo | undefined): Request {
    if (this.#next !== undefined) return this.#next;
    if (!this.#isOneShot) return this.#whole.clone();
    if (this.#isSent) throw sentOnce(refusal);
    this.#isSent = true;
    return this.#whole;
  }

  /**
   * The answer leads to `url`: 307 and 308 repeat the request there, as 301 and 302 do for anything
   * but POST; the rest asks with GET.
   * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
   */
  follow(status: number, url: URL): void {
    const from = this.#next ?? this.#whole;
    const { method } = from;
    const becomesGet =
      status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
    if (!becomesGet) {
      this.#next = new Request(url, from === this.#whole ? this.take(undefined) : from.clone());
      return;
    }
    const headers = new Headers(from.headers);
    for (const name of OF_THE_BODY) headers.delete(name);
    this.#next = new Request(url, { method: 'GET', headers, signal: this.signal });
  }

  /** It will not be sent again: nothing of our copy of its body is kept. */
  done(): void {
    if (!this.#isOneShot) this.#whole.body?.cancel().catch(() => {});
  }
}

/** @throws {ErrorInfo} 40003 for an address of another origin, or none. */
function addressOf(input: string | URL | Request, origin: string): URL {
  const isAddress = typeof input === 'string' || input instanceof URL;
  if (!isAddress && !(input instanceof Request)) {
    throw invalid(
      'what to fetch is neither a path, nor an address, nor a Request of this platform',
      'Give a path such as "/channels/lobby/messages".',
    );
  }
  const text = isAddress ? String(input) : input.url;
  if (!URL.canParse(text, origin)) {
    throw invalid('the address cannot be read', 'Give a path, or an address of the service.');
  }
  const url = new URL(text, origin);
  if (url.origin !== origin) {
    throw invalid(
      `the address is of another origin than ${origin}`,
      'Credentials only go to the service. Use the platform fetch() for other origins.',
    );
  }
  if (url.username === '' && url.password === '') return url;
  throw invalid('the address has a user name or a password in it', 'The client adds its own credentials.');
}

function canBeReadAgain(body: NonNullable<RequestInit['body']>): boolean {
  return (
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

function isGiven<T>(given: T): given is NonNullable<T> {
  return given !== undefined && given !== null;
}

function sentOnce(refusal: ErrorInfo | undefined): ErrorInfo {
  return new ErrorInfo({
    code: refusal?.code ?? 40003,
    statusCode: refusal?.statusCode ?? 400,
    message: 'the request must be sent again, and its body is a stream, which can be sent only once',
    remediation:
      refusal === undefined
        ? 'Send it to where the service redirects to, or give the body as text or bytes.'
        : 'Send it again with a new stream: by now there is a new token. Or give the body as text or bytes.',
    ...(refusal === undefined ? {} : { cause: refusal }),
  });
}

function invalid(message: string, remediation: string): ErrorInfo {
  return new ErrorInfo({ code: 40003, message, remediation });
}
