import { invalidArgument, invalidOption, wholeNumber } from '../checks/option-checks.js';
import { addressOf } from '../platform/address.js';

/** Options that say where the service is. The names are Ably's. */
export interface HostOptions {
  /** The name of a routing policy, or a host name. Default: Ably's host. @see REC1b */
  readonly endpoint?: string;
  /** @deprecated use `endpoint` (REC1d1) */
  readonly restHost?: string;
  /** @deprecated use `endpoint` (REC1d2) */
  readonly realtimeHost?: string;
  /** Hosts to try if the primary host fails. Default: the fallback hosts of the endpoint. @see REC2a */
  readonly fallbackHosts?: readonly string[];
  /** The port without TLS. Default: 80. */
  readonly port?: number;
  /** The port with TLS. Default: 443. */
  readonly tlsPort?: number;
  /** Whether connections use TLS. Default: true. @see RSC18 */
  readonly tls?: boolean;
}

/** The names of these options. */
export const hostOptionNames = [
  'endpoint',
  'restHost',
  'realtimeHost',
  'fallbackHosts',
  'port',
  'tlsPort',
  'tls',
] as const satisfies readonly (keyof HostOptions)[];

/** The host that requests go to first. @see REC1, RSC25 */
export function primaryHost({ endpoint, restHost, realtimeHost }: HostOptions): string {
  if (endpoint === undefined) return restHost ?? realtimeHost ?? 'main.realtime.ably.net';
  if (isHostName(endpoint)) return endpoint;
  const nonprod = nonprodId(endpoint);
  return nonprod === undefined ? `${endpoint}.realtime.ably.net` : `${nonprod}.realtime.ably-nonprod.net`;
}

/** The host as a part of an address: an IPv6 address gets brackets. */
function inAddress(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** @throws {ErrorInfo} 40003: a host is invalid, or two options contradict each other (REC1b1). */
export function checkHosts(options: HostOptions): void {
  const { endpoint, restHost, realtimeHost, fallbackHosts = [] } = options;
  if (!Array.isArray(fallbackHosts)) throw invalidOption('fallbackHosts', 'a list of hosts', fallbackHosts);
  wholeNumber('port', options.port, 65_535);
  wholeNumber('tlsPort', options.tlsPort, 65_535);
  if (endpoint !== undefined && (restHost !== undefined || realtimeHost !== undefined)) {
    throw invalidArgument(
      'endpoint cannot be combined with restHost or realtimeHost',
      'Pass endpoint alone; restHost and realtimeHost are its former names.',
    );
  }
  for (const [name, host] of Object.entries({ endpoint, restHost, realtimeHost })) {
    if (host !== undefined) checkHost(name, host);
  }
  for (const host of fallbackHosts) checkHost('fallbackHosts', host);
}

const HOST = /^[\w.-]+$|^\[?[\da-f:.]+\]?$/i;
const NONPROD = /^nonprod:[\w-]+$/;

function checkHost(name: string, given: unknown): void {
  if (typeof given === 'string' && (HOST.test(given) || NONPROD.test(given))) {
    const host = name === 'endpoint' ? primaryHost({ endpoint: given }) : given;
    if (addressOf(`https://${inAddress(host)}`) !== undefined) return;
  }
  throw invalidArgument(
    `${name} is not the name of a host`,
    'Pass a host name without a scheme, port or path, such as "example.com".',
  );
}

export function nonprodId(endpoint: string): string | undefined {
  return /^nonprod:(.+)$/.exec(endpoint)?.[1];
}

/** REC1b2: a text with a dot or a double colon (IPv6), or `localhost`, is a host name. */
export function isHostName(endpoint: string): boolean {
  return endpoint.includes('.') || endpoint.includes('::') || endpoint === 'localhost';
}

/** `https://host`, with the port unless it is the default of the scheme. */
export function baseUrl(host: string, { port, tlsPort, tls = true }: HostOptions): string {
  const scheme = tls ? 'https' : 'http';
  const number = tls ? tlsPort : port;
  const name = inAddress(host);
  const address = addressOf(number === undefined ? `${scheme}://${name}` : `${scheme}://${name}:${number}`);
  if (address !== undefined) return address.origin;
  throw new TypeError(`${name} is not the name of a host`);
}
