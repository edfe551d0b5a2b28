/** Where a client reaches the service. */
export interface HostOptions {
  readonly endpoint?: string;
  readonly port?: number;
  readonly tlsPort?: number;
  readonly tls?: boolean;
}

/**
 * The host an endpoint stands for: a host name is itself, a routing policy has a host of its own.
 * @see REC1
 */
export function primaryHost(endpoint: string | undefined): string {
  if (endpoint === undefined) return 'main.realtime.ably.net';
  if (isHostName(endpoint)) return endpoint;
  const nonprod = /^nonprod:(.+)$/.exec(endpoint)?.[1];
  return nonprod === undefined ? `${endpoint}.realtime.ably.net` : `${nonprod}.realtime.ably-nonprod.net`;
}

/**
 * Hosts to try when the primary one cannot be reached, in the order of their names.
 * A host name of one's own has none.
 * @see REC2
 */
export function fallbackHosts(endpoint: string | undefined): readonly string[] {
  if (endpoint !== undefined && isHostName(endpoint)) return [];
  const nonprod = /^nonprod:(.+)$/.exec(endpoint ?? '')?.[1];
  return ['a', 'b', 'c', 'd', 'e'].map((letter) =>
    nonprod === undefined
      ? `${endpoint ?? 'main'}.${letter}.fallback.ably-realtime.com`
      : `${nonprod}.${letter}.fallback.ably-realtime-nonprod.com`,
  );
}

/** `https://host`, with the port where it is not the scheme's own. */
export function baseUrl(host: string, { port, tlsPort, tls = true }: HostOptions): string {
  const scheme = tls ? 'https' : 'http';
  const number = tls ? tlsPort : port;
  const name = host.includes(':') ? `[${host}]` : host;
  return number === undefined ? `${scheme}://${name}` : `${scheme}://${name}:${number}`;
}

/** REC1b2: a dot, a double colon (IPv6) or `localhost` make a host name. */
function isHostName(endpoint: string): boolean {
  return endpoint.includes('.') || endpoint.includes('::') || endpoint === 'localhost';
}
