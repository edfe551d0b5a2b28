import { baseUrl, type HostOptions, primaryHost } from '../http/hosts.js';
import { shownAddress } from '../log/shown-address.js';
import type { ParsedAuthOptions } from './auth-options.js';

/**
 * The name of the source that these options lead to, for people to read. It contains no secret.
 * @param hosts the hosts of the service, which exchange a signed TokenRequest
 * @see sourceFor
 */
export function sourceName({ authCallback, authUrl }: ParsedAuthOptions, hosts: HostOptions): string {
  if (authCallback !== undefined) return 'authCallback';
  return authUrl === undefined ? baseUrl(primaryHost(hosts), hosts) : shownAddress(authUrl.expose());
}
