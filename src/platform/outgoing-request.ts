import { invalidArgument, record } from '../checks/option-checks.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { knownGlobal } from '../surroundings.js';
import { addressOf, hrefIn } from './address.js';
import { noStore } from './fetch.js';
import { lacking } from './lacking.js';
import { unlessAborted } from './signals.js';

/** Headers that describe a body. A request without the body must not have them. */
const OF_THE_BODY = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
];

/** Other fields of a Request, with the defaults of `fetch`. A field with its default is not sent. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  cache: 'default',
  credentials: 'same-origin',
  integrity: '',
  keepalive: false,
  mode: 'cors',
  referrer: 'about:client',
  referrerPolicy: '',
};

/** What is sent next. */
interface Next {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasBody: boolean;
}

/**
 * A request of the caller that may be sent several times. It is copied before it is sent, so that the caller's objects
 * do not change.
 */
class OutgoingRequest {
  readonly #whole: Request;
  /**
   * The request whose signal counts, and the request whose signal it follows. Both are kept, because a signal refers
   * to its followers only weakly. It is never the caller's own request: that may exist longer, and would keep the
   * listeners.
   */
  readonly #listensTo: { readonly request: Request; readonly follows?: Request };
  /** The body that the caller passed. undefined: the body is in a Request. */
  readonly #given: BodyInit | undefined;
  /** Whether the body can be read only once. */
  readonly #isOneShot: boolean;
  readonly #first: Next;
  readonly #origins: readonly string[];
  /** Other fields, sent unchanged: `credentials`, or fields that only another `fetch` knows. */
  readonly #more: RequestInit;
  /** How a redirect is treated: followed, an error, or returned as the answer. */
  readonly redirect: Request['redirect'];
  #next: Next;
  #isSent = false;
  #bytes: Promise<BodyInit> | undefined;

  /**
   * @param origins where it may go, and nowhere else; a path belongs to the first
   * @throws {ErrorInfo} 40003 for another origin; what the platform throws for what it does not send
   */
  constructor(input: unknown, init: RequestInit, origins: readonly string[]) {
    if (typeof knownGlobal('Request') !== 'function') throw lacking('Request');
    if (!(init instanceof Request)) record('init', init);
    const named = addressIn(input, origins);
    this.#origins = origins;
    // Cloudflare Workers make no request with 'error', and it is sent with 'manual' anyway.
    const isStrict = init.redirect === 'error' && !(init instanceof Request);
    const sendable = (isStrict ? { ...init, redirect: undefined } : init) as RequestInit;
    this.#given = isGiven(init.body) ? asText(init.body) : undefined;
    this.#isOneShot = isGiven(init.body) && !canBeReadAgain(init.body);
    this.#whole = new Request(input instanceof Request ? input.clone() : named, sendable);
    // What was handed in may have another address each time it is read: this one is sent.
    const url = checkedAddress(this.#whole.url, origins);
    const { method, redirect = 'follow' } = this.#whole;
    this.redirect = isStrict ? 'error' : redirect;
    const hasBody = method !== 'GET' && method !== 'HEAD' && this.#whole.body !== null;
    this.#first = { url, method, headers: headersIn(this.#whole), hasBody };
    this.#next = this.#first;
    // What is kept for one user is given to the next, who asks for the same with another token: unless the caller
    // says so, caches take no part.
    this.#more = { ...noStore(), ...(input instanceof Request ? saidIn(this.#whole) : {}), ...besides(init) };
    const isFollowing = input instanceof Request && init.signal === undefined;
    this.#listensTo = isFollowing
      ? { request: new Request(url, { signal: input.signal }), follows: input }
      : { request: this.#whole };
  }

  /** Aborts with the caller's signal, or never. undefined: the platform's Request has no signal. */
  get signal(): AbortSignal | undefined {
    return this.#listensTo.request.signal;
  }

  get url(): string {
    return this.#next.url;
  }

  /** Whether the body was sent and cannot be read again. */
  get isSpent(): boolean {
    return this.#isOneShot && this.#isSent;
  }

  /**
   * Goes back to the address before the redirects.
   * @param origin of another host of the service. undefined: the same host
   */
  rewind(origin?: string): void {
    const { url } = this.#first;
    const [own = ''] = this.#origins;
    this.#next = { ...this.#first, url: origin === undefined ? url : origin + url.slice(own.length) };
  }

  /**
   * What to send now.
   * @param refusal why it must be sent again, if it must
   * @throws {ErrorInfo} when its body was sent and cannot be read again
   */
  async take(refusal: ErrorInfo | undefined): Promise<Omit<RequestInit, 'headers'> & Pick<Next, 'headers'>> {
    const { method, headers, hasBody } = this.#next;
    const init = { ...this.#more, method, headers };
    if (!hasBody) return init;
    if (!this.#isOneShot) return { ...init, body: await unlessAborted(this.#body(), this.signal) };
    if (this.#isSent) throw sentOnce(refusal);
    this.#isSent = true;
    return { ...init, body: this.#whole.body ?? this.#given, duplex: 'half' } as typeof init;
  }

  /**
   * The answer leads to `url`: 307 and 308 repeat the request there, as 301 and 302 do for anything
   * but POST; the rest asks with GET.
   * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
   */
  follow(status: number, url: string): void {
    const { method, headers } = this.#next;
    const becomesGet =
      status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
    if (!becomesGet) {
      this.#next = { ...this.#next, url };
      return;
    }
    const kept = Object.entries(headers).filter(([name]) => !OF_THE_BODY.includes(name));
    this.#next = { url, method: 'GET', headers: Object.fromEntries(kept), hasBody: false };
  }

  /** The request is not sent again: the copy of its body is dropped. */
  done(): void {
    if (!this.#isOneShot) this.#whole.body?.cancel().catch(() => {});
  }

  /** A copy of the body at the time of the call: text unchanged, any other body as bytes. */
  async #body(): Promise<BodyInit> {
    if (isKept(this.#given)) return this.#given;
    this.#bytes ??= this.#whole
      .clone()
      .arrayBuffer()
      // React Native reads no form, and no bytes of a Request.
      .catch(() => this.#given ?? this.#whole.text());
    return await this.#bytes;
  }
}

/** Makes a request. @throws {ErrorInfo} 40003 for what the platform does not send, or that throws when it is read */
export function outgoingRequest(
  input: unknown,
  init: RequestInit,
  origins: readonly string[],
): OutgoingRequest {
  try {
    return new OutgoingRequest(input, init, origins);
  } catch (cause) {
    if (isOwnError(cause)) throw cause;
    throw new ErrorInfo({
      code: 40003,
      message: 'the request cannot be sent',
      remediation: 'See the cause: new Request() throws it for the same arguments.',
      cause,
    });
  }
}

/** The address that was asked for. @throws {ErrorInfo} 40003 for an address of another origin, or none */
function addressIn(input: unknown, origins: readonly string[]): string {
  const text = addressText(input);
  if (text === undefined) {
    throw invalidArgument(
      'the first argument of fetch() must be a path, an address or a Request of this platform',
      'Pass a path such as "/channels/lobby/messages".',
    );
  }
  return checkedAddress(text, origins);
}

/** Undefined for a value that is not an address, or that throws when it is read. */
function addressText(input: unknown): string | undefined {
  try {
    const text = typeof input === 'string' ? input : input instanceof Request ? input.url : hrefIn(input);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {ErrorInfo} 40003 for an address of another origin, or with user info */
function checkedAddress(text: string, origins: readonly string[]): string {
  const [origin = ''] = origins;
  // A path as it is: not every platform resolves one.
  const url = addressOf(/^\/(?!\/)/.test(text) ? origin + text : text, origin);
  if (url === undefined) {
    throw invalidArgument('the address cannot be read', 'Pass a path, or an address of the service.');
  }
  if (!origins.includes(url.origin)) {
    throw invalidArgument(
      `the origin of the address must be ${origins.join(' or ')}`,
      'Credentials only go there. Use the platform fetch() for other origins.',
    );
  }
  if (url.username === '' && url.password === '') return url.href;
  throw invalidArgument(
    'the address has a user name or a password in it',
    'The client adds its own credentials.',
  );
}

function headersIn(request: Request): Readonly<Record<string, string>> {
  const all: [string, string][] = [];
  request.headers.forEach((value, name) => {
    all.push([name.toLowerCase(), value]);
  });
  return Object.fromEntries(all);
}

function saidIn(request: Request): RequestInit {
  const all = request as unknown as Readonly<Record<string, unknown>>;
  const said = Object.entries(DEFAULTS).filter(([name, usual]) => isGiven(all[name]) && all[name] !== usual);
  return Object.fromEntries(said.map(([name]) => [name, all[name]]));
}

function besides(init: RequestInit): RequestInit {
  const { method: _m, headers: _h, body: _b, signal: _s, redirect: _r, ...more } = init;
  const { duplex: _d, ...sent } = more as RequestInit & { duplex?: unknown };
  return sent;
}

/** What cannot change between the call and the sending. */
function isKept(body: BodyInit | undefined): body is BodyInit {
  return typeof body === 'string' || isOf('Blob', body);
}

function asText(body: BodyInit): BodyInit {
  return isOf('URLSearchParams', body) ? String(body) : body;
}

function canBeReadAgain(body: BodyInit): boolean {
  return (
    typeof body === 'string' ||
    ['URLSearchParams', 'Blob', 'FormData', 'ArrayBuffer'].some((name) => isOf(name, body)) ||
    ArrayBuffer.isView(body)
  );
}

/** Whether a value is an instance of that class, if the platform has the class. */
function isOf(name: string, value: unknown): boolean {
  const known: unknown = knownGlobal(name as 'Blob');
  return typeof known === 'function' && value instanceof known;
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
        ? 'Send the request to the address that the service redirects to, or pass the body as text or bytes.'
        : 'Send the request again with a new stream: the client has a new token. Or pass the body as text or bytes.',
    ...(refusal === undefined ? {} : { cause: refusal }),
  });
}

export type { OutgoingRequest };
