import { AGENT } from '../http/headers.js';
import { baseUrl, type HostOptions, primaryHost } from '../http/hosts.js';

/** Where a connection goes, and what it says in its address. */
export interface UrlOptions extends Omit<HostOptions, 'fallbackHosts'> {
  /** Who connects. Null or absent: whoever the token is for. @see RTN2d */
  readonly clientId?: string | null;
  /** Whether the client wants its own messages back. Default true. @see RTC1a */
  readonly echoMessages?: boolean;
  /** What runs on this connection, as `name/version`; it is added to Latchkey's own. @see RSC7d6 */
  readonly agent?: string;
  /** More query parameters. @see RTC1f */
  readonly transportParams?: Readonly<Record<string, string | number | boolean>>;
}

/** `wss://host`, with the port where it is not the scheme's own. */
export function realtimeBase(options: UrlOptions): string {
  return baseUrl(primaryHost(options), options).replace(/^http/, 'ws');
}

/** A connection's address. It holds the token: it is never logged. @see RTN2 */
export function connectionUrl(options: UrlOptions, token: string, resume: string | null): string {
  const { agent, clientId, echoMessages, transportParams = {} } = options;
  const query = new URLSearchParams({
    v: '6',
    format: 'json',
    heartbeats: 'true',
    agent: agent === undefined ? AGENT : `${AGENT} ${agent}`,
    ...(clientId === undefined || clientId === null ? {} : { clientId }),
    ...(echoMessages === false ? { echo: 'false' } : {}),
    ...Object.fromEntries(Object.entries(transportParams).map(([name, value]) => [name, String(value)])),
    ...(resume === null ? {} : { resume }),
    accessToken: token,
  });
  return `${realtimeBase(options)}/?${query}`;
}
