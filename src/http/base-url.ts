import { addressOf } from '../platform/address.js';
import { type HostOptions, inAddress } from './hosts.js';

/** `https://host`, with the port unless it is the default of the scheme. */
export function baseUrl(host: string, { port, tlsPort, tls = true }: HostOptions): string {
  const scheme = tls ? 'https' : 'http';
  const number = tls ? tlsPort : port;
  const name = inAddress(host);
  const address = addressOf(number === undefined ? `${scheme}://${name}` : `${scheme}://${name}:${number}`);
  if (address !== undefined) return address.origin;
  throw new TypeError(`${name} is not the name of a host`);
}
