import { knownGlobal } from '../surroundings.js';
import { hrefIn } from './address.js';
import { lacking } from './lacking.js';

/**
 * The way a client calls the platform's `fetch` or the option `fetch`: with an address and an object, never with a
 * `Request`. The platform's `fetch` has this type as well.
 */
export type FetchFunction = (address: string, init: RequestInit) => Promise<Response>;

export const platformFetch: FetchFunction = async (address, init) => {
  checkFetch();
  return await globalThis.fetch(address, init);
};

/** @throws {ErrorInfo} 40003 if the platform has none */
export function checkFetch(): void {
  if (typeof knownGlobal('fetch') !== 'function') throw lacking('fetch', 'fetch');
}

/**
 * The members of `init` that the platform knows. Cloudflare Workers with an older compatibility date refuse a request
 * that says `cache`; React Native would add a parameter to the address, which may be signed.
 */
function whereKnown(init: RequestInit): RequestInit {
  const known: object = knownGlobal('Request')?.prototype ?? {};
  return Object.fromEntries(Object.entries(init).filter(([name]) => name in known));
}

/** Turns off caches for a request and its response, on platforms that have this option. */
export const noStore = (): RequestInit => whereKnown({ cache: 'no-store' });

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const UNFIT = /[\0\r\n\u0100-\uffff]/;

/** Whether a header with this name and value can be sent. */
export function isHeader(name: string, value: string): boolean {
  return NAME.test(name) && !UNFIT.test(value.trim());
}

/** A copy of the arguments of a request, because the caller may change the objects for the next one. */
export function requestArguments(
  input: string | URL | Request,
  init: RequestInit | undefined,
): [string | URL | Request, RequestInit | undefined] {
  return [hrefIn(input) ?? input, isPlain(init) ? copyOfInit(init) : init];
}

function isPlain(given: RequestInit | undefined): given is RequestInit {
  return typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype;
}

function copyOfInit(init: RequestInit): RequestInit {
  const { headers } = init;
  const Headers = knownGlobal('Headers');
  const isOfClass = typeof Headers === 'function' && headers instanceof Headers;
  return isOfClass ? { ...init, headers: new Headers(headers) } : { ...init };
}
