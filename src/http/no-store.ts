/**
 * That no cache answers a request or keeps its answer, where the platform knows such a thing. Cloudflare
 * Workers with an older compatibility date refuse a request that names it; React Native would add a
 * parameter of its own to the address, which may be signed.
 */
export function noStore(): Pick<RequestInit, 'cache'> {
  const isKnown = typeof Request === 'function' && 'cache' in Request.prototype;
  return isKnown ? { cache: 'no-store' } : {};
}
