import { knownGlobal, knownMember } from '../surroundings.js';

/** The used parts of an address. */
export type Address = Pick<
  URL,
  'href' | 'protocol' | 'host' | 'origin' | 'pathname' | 'search' | 'username' | 'password'
>;

/**
 * Parses an address as `new URL()` does; undefined if it is invalid. React Native's `URL` neither checks nor
 * resolves an address, so there only absolute http and https addresses are parsed.
 */
export function addressOf(text: string, base?: string): Address | undefined {
  try {
    if (isWhole()) return new URL(text, base);
  } catch {
    return undefined;
  }
  return plainAddress(text);
}

/** The base of relative addresses, as `fetch` has it: the document's base, or the address of the worker. */
export function baseAddress(): string | undefined {
  // Deno throws if it was started without a location.
  const found = [knownMember('document', 'baseURI'), knownMember('location', 'href')];
  return found.find((base) => typeof base === 'string');
}

/** Whether the current page or worker has that origin. */
export const isOwnOrigin = (origin: string): boolean => knownGlobal('origin') === origin;

/** The address in a `URL` object, also of another implementation; undefined for any other value. */
export function hrefIn(given: unknown): string | undefined {
  const href: unknown = (given as Partial<URL> | null | undefined)?.href;
  return typeof href === 'string' && String(given) === href ? href : undefined;
}

/** The `URL` that was found to be whole. An app may replace it. */
let whole: unknown = null;

function isWhole(): boolean {
  try {
    if (whole === URL) return true;
    if (new URL('b', 'http://A/c').href === 'http://a/b') whole = URL;
    return whole === URL;
  } catch {
    return false;
  }
}

const PLAIN =
  /^(https?:)\/\/((?:[^/?#@]*@)?)([\w.\u0080-\uffff-]+|\[[\da-f:.]+])(?::(\d{1,5}))?(\/[^?#]*)?(\?[^#]*)?(?:#|$)/i;
const UNFIT = /[\s\\\p{Cc}]/u;
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function plainAddress(text: string): Address | undefined {
  const [, scheme = '', user = '', name = '', port = '', pathname = '/', search = ''] =
    PLAIN.exec(text) ?? [];
  const protocol = scheme.toLowerCase();
  if (protocol === '' || UNFIT.test(text) || Number(port) > 65_535) return undefined;
  const host = name.toLowerCase() + (port === '' || port === PORTS[protocol] ? '' : `:${Number(port)}`);
  return {
    href: `${protocol}//${user}${host}${pathname}${search}`,
    origin: `${protocol}//${host}`,
    ...{ protocol, host, pathname, search, username: user, password: '' },
  };
}
