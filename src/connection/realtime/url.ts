import { AGENT } from '../../http/agent.js';
import { baseUrl, type HostOptions, primaryHost } from '../../http/hosts.js';
import { formOf } from '../../platform/text.js';

/** Where a connection goes, and what it says in its address. */
export interface UrlOptions extends HostOptions {
  /** Who connects. Null or absent: whoever the token is for. @see RTN2d */
  readonly clientId?: string | null;
  /** Whether the client wants its own messages back. Default true. @see RTC1a */
  readonly echoMessages?: boolean;
  /** What runs on this connection, as `name/version`; it is added to Latchkey's own. @see RSC7d6 */
  readonly agent?: string;
  /** More query parameters. @see RTC1f */
  readonly transportParams?: Readonly<Record<string, string | number | boolean>>;
}

/** What a connection is opened with. */
export interface Opening {
  /** A token, or the API key itself. @see RTN2e */
  readonly credentials: { readonly accessToken: string } | { readonly key: string };
  /** The key of the connection to go on with. @see RTN15b1 */
  readonly resume: string | null;
  /** null: the primary one. */
  readonly host: string | null;
}

/** `wss://host`, with the port where it is not the scheme's own. */
export function realtimeBase(options: UrlOptions, host = primaryHost(options)): string {
  return baseUrl(host, options).replace(/^http/, 'ws');
}

/** A connection's address. It holds the token: it is never logged. @see RTN2 */
export function connectionUrl(options: UrlOptions, { credentials, resume, host }: Opening): string {
  const { agent, clientId, echoMessages, transportParams = {} } = options;
  const query = {
    v: '6',
    format: 'json',
    heartbeats: 'true',
    agent: agent === undefined ? AGENT : `${AGENT} ${agent}`,
    ...(clientId === undefined || clientId === null ? {} : { clientId }),
    ...(echoMessages === false ? { echo: 'false' } : {}),
    ...Object.fromEntries(Object.entries(transportParams).map(([name, value]) => [name, String(value)])),
    ...(resume === null ? {} : { resume }),
    ...credentials,
  };
  return `${realtimeBase(options, host ?? undefined)}/?${formOf(Object.entries(query))}`;
}
