import type { ClientType } from '../token/client-type.js';

/** An address of the service with the parameter `clientType`, unless it has one. A fragment is never sent. */
export function declared(url: string, clientType: ClientType | undefined): string {
  const [address = ''] = url.split('#');
  if (clientType === undefined || /[?&]clientType=/.test(address)) return url;
  return `${address}${address.includes('?') ? '&' : '?'}clientType=${clientType}`;
}
