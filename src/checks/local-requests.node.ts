/**
 * Which requests a server on this machine answers. A browser lets every page send requests to this machine, and the
 * owner of a domain can make its name resolve to this machine (DNS rebinding). `Host` contains the name that the page
 * used, and `Origin` the origin of the page.
 */

/** The facts about a request that decide. */
export interface LocalRequest {
  readonly headers: {
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
    readonly 'sec-fetch-site'?: string | string[] | undefined;
  };
  readonly socket: { readonly localAddress?: string | undefined };
}

/**
 * Whether a request names this server.
 * - `unusable`: `Host` is missing or is not the name of a host;
 * - `foreign`: it names another server;
 * - `own`: it is a loopback name, or the address that the server is bound to. The port may be any: a port can be
 *   forwarded.
 */
export type Naming = 'unusable' | 'foreign' | 'own';

/** @param boundTo the host that the server listens on */
export function namingOf({ headers, socket }: LocalRequest, boundTo: string): Naming {
  const url = hostUrl(headers.host);
  if (url === undefined) return 'unusable';
  const own = [boundTo, socket.localAddress ?? boundTo].map(written);
  return isLoopback(url.hostname) || own.includes(url.hostname) ? 'own' : 'foreign';
}

/**
 * Whether the page of a request may use what a page of this machine may use, or the request comes from no page.
 * `null` is the origin of pages without an address, such as `file:` and `about:blank`.
 */
export function isOfLocalPage(request: LocalRequest): boolean {
  const { origin } = request.headers;
  if (origin === undefined || origin === 'null' || isOfOwnPage(request)) return true;
  return URL.canParse(origin) && isLocalName(new URL(origin).hostname);
}

/** Whether a request comes from a page of this server itself, or from no page. */
export function isOfOwnPage({ headers }: LocalRequest): boolean {
  const { host, origin } = headers;
  if (origin !== undefined) return origin === hostUrl(host)?.origin;
  // Without an origin browsers tell only how far away the page is. Other programs tell nothing.
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** A name of this machine, as `new URL()` writes it. */
function isLoopback(hostname: string): boolean {
  return (
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname) ||
    ['localhost', '[::1]', written('::ffff:127.0.0.1')].includes(hostname)
  );
}

/** Names below `localhost` are of this machine too: they cannot be registered. */
function isLocalName(hostname: string): boolean {
  return isLoopback(hostname) || /^([a-z0-9-]{1,63}\.){1,8}localhost$/.test(hostname);
}

/** `Host` as an address: a name or an IP address, and perhaps a port, with nothing else. */
function hostUrl(host: string | undefined): URL | undefined {
  if (host === undefined || !/^(\[[\da-f:.]{2,45}\]|[\w.-]{1,255})(:\d{1,5})?$/i.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
}

/** A host as `new URL()` writes it. */
function written(host: string): string {
  const text = `http://${host.includes(':') ? `[${host}]` : host}`;
  return URL.canParse(text) ? new URL(text).hostname : host;
}
