import { lacking } from './lacking.js';

/**
 * How a client calls `fetch`, the platform's or the option: with an address and an object, never with a
 * `Request`. A function for more, as the platform's is, does as well.
 */
export type FetchFunction = (address: string, init: RequestInit) => Promise<Response>;

export const platformFetch: FetchFunction = async (address, init) => {
  checkFetch();
  return await globalThis.fetch(address, init);
};

/** @throws {ErrorInfo} 40003 where the platform has none */
export function checkFetch(): void {
  if (typeof globalThis.fetch !== 'function') throw lacking('fetch', 'fetch');
}

/**
 * What `init` has and the platform knows. Cloudflare Workers with an older compatibility date refuse a request
 * that says `cache`; React Native would add a parameter to the address, which may be signed.
 */
function whereKnown(init: RequestInit): RequestInit {
  const known: object = globalThis.Request?.prototype ?? {};
  return Object.fromEntries(Object.entries(init).filter(([name]) => name in known));
}

/** That no cache answers a request or keeps its answer, where the platform knows such a thing. */
export const noStore = (): RequestInit => whereKnown({ cache: 'no-store' });

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const UNFIT = /[\0\r\n\u0100-\uffff]/;

/** Whether that is a header that can be sent. */
export function isHeader(name: string, value: string): boolean {
  return NAME.test(name) && !UNFIT.test(value.trim());
}

/** As it is now: its caller may use the same objects for the next request. */
export function copyOfInit(init: RequestInit): RequestInit {
  const { headers } = init;
  const isOfClass = typeof globalThis.Headers === 'function' && headers instanceof globalThis.Headers;
  return isOfClass ? { ...init, headers: new globalThis.Headers(headers) } : { ...init };
}
