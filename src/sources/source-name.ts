import { baseUrl, type HostOptions, primaryHost } from '../http/hosts.js';
import { shownAddress } from '../log/shown-address.js';
import type { ParsedAuthOptions } from './auth-options.js';

/**
 * The source that is asked by these options, fit to be shown.
 * @param hosts where the service is, which exchanges what a key signed
 * @see sourceFor
 */
export function sourceName({ authCallback, authUrl }: ParsedAuthOptions, hosts: HostOptions): string {
  if (authCallback !== undefined) return 'authCallback';
  return authUrl === undefined ? baseUrl(primaryHost(hosts), hosts) : shownAddress(authUrl.expose());
}
