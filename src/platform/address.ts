/** What is asked of an address. */
export type Address = Pick<
  URL,
  'href' | 'protocol' | 'host' | 'origin' | 'pathname' | 'search' | 'username' | 'password'
>;

/**
 * An address read as `new URL()` reads it; undefined for what is none. The `URL` of React Native neither
 * checks an address nor resolves one: there only whole and plain http addresses can be read.
 */
export function addressOf(text: string, base?: string): Address | undefined {
  try {
    if (isWhole()) return new URL(text, base);
  } catch {
    return undefined;
  }
  return plainAddress(text);
}

/** What relative addresses are relative to, for `fetch`: a document's base, the address of a worker. */
export function baseAddress(): string | undefined {
  try {
    return globalThis.document?.baseURI ?? globalThis.location?.href;
  } catch {
    // Deno throws where it was not told one.
    return undefined;
  }
}

/** Whether the page or worker that this runs in is of that origin. */
export const isOwnOrigin = (origin: string): boolean => globalThis.origin === origin;

/** The address in a `URL` of whatever make; undefined for what is none. */
export function hrefIn(given: unknown): string | undefined {
  const href: unknown = (given as Partial<URL> | null | undefined)?.href;
  return typeof href === 'string' && String(given) === href ? href : undefined;
}

function isWhole(): boolean {
  try {
    return new URL('b', 'http://A/c').href === 'http://a/b';
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
