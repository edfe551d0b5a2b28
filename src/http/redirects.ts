import { addressOf } from '../platform/address.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/** Whether an answer is a redirect that was not followed. A browser shows no more of it than that. */
export function isRedirect({ status, type }: Pick<Response, 'status' | 'type'>): boolean {
  return type === 'opaqueredirect' || REDIRECTS.includes(status);
}

/**
 * Whether an answer comes from another origin than the one that was asked. Some `fetch` functions follow
 * redirects whatever they are told, and React Native's does not even say that it did.
 */
export function isFromElsewhere(
  { redirected, url = '' }: Partial<Pick<Response, 'redirected' | 'url'>>,
  asked: string,
): boolean {
  if (redirected === false || (redirected === undefined && url === '')) return false;
  const from = addressOf(url)?.origin;
  return from === undefined || from !== addressOf(asked)?.origin;
}
