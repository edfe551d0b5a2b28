import type { ErrorInfo } from '../errors/error-info.js';
import { isRedirect } from '../http/redirects.js';
import { addressOf } from '../platform/address.js';
import { discardBody } from '../platform/body.js';
import { badAnswer } from './answer.js';
import type { SourceServices } from './port.js';

/** Redirects within the origin that are followed. */
const MOST_REDIRECTS = 5;

/**
 * Follows the redirects of a GET within its origin. A browser does not say where a redirect leads. From another origin
 * the browser may follow it, if the request contains nothing of the application except its address.
 */
export async function followRedirects(
  first: Response,
  address: string,
  given: RequestInit,
  { fetch, isBare }: Pick<SourceServices, 'fetch'> & { readonly isBare: boolean },
): Promise<Response> {
  const origin = addressOf(address)?.origin;
  let [response, at] = [first, address];
  for (let count = 0; isRedirect(response); count += 1) {
    discardBody(response);
    const isHidden = response.type === 'opaqueredirect';
    if (given.method !== 'GET' || (isHidden && !isBare)) {
      throw badAnswer(
        'redirects a request that has a form or authHeaders, which must not be sent elsewhere',
        undefined,
        'Give the address that it redirects to as authUrl.',
      );
    }
    if (isHidden) return await fetch(at, { ...given, redirect: 'follow' });
    const next = addressOf(response.headers.get('location') ?? '', at);
    if (next === undefined || next.origin !== origin) throw redirectedAway();
    if (next.username !== '' || next.password !== '')
      throw badAnswer('redirected to an address with a user name or a password in it');
    if (count === MOST_REDIRECTS) throw badAnswer(`redirected more than ${MOST_REDIRECTS} times`);
    at = next.href;
    response = await fetch(at, given);
  }
  return response;
}

export const redirectedAway = (): ErrorInfo => badAnswer('redirected to another origin');
