import type { ClientType } from '../token/client-type.js';

/** An address of the service with the parameter `clientType`, unless it has one. A fragment is never sent. */
export function declared(url: string, clientType: ClientType | undefined): string {
  if (clientType === undefined || /[?&]clientType=/.test(url)) return url;
  const [address = ''] = url.split('#');
  return `${address}${address.includes('?') ? '&' : '?'}clientType=${clientType}`;
}
