import { baseUrl, type HostOptions, primaryHost } from '../http/hosts.js';

export interface UrlOptions extends HostOptions {
  readonly clientId?: string;
  /** Whether the client wants its own messages back. Default true. @see RTC1a */
  readonly echoMessages?: boolean;
  /** More query parameters. @see RTC1f */
  readonly transportParams?: Readonly<Record<string, string | number | boolean>>;
}

/** A connection's address. It holds the token: it is never logged. @see RTN2 */
export function connectionUrl(options: UrlOptions, token: string, resume: string | null): string {
  const base = baseUrl(primaryHost(options.endpoint), options).replace(/^http/, 'ws');
  const query = new URLSearchParams({
    v: '6',
    format: 'json',
    heartbeats: 'true',
    agent: 'latchkey/0.1.0',
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
    ...(options.echoMessages === false ? { echo: 'false' } : {}),
    ...(resume === null ? {} : { resume }),
    ...Object.fromEntries(
      Object.entries(options.transportParams ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    accessToken: token,
  });
  return `${base}/?${query}`;
}
