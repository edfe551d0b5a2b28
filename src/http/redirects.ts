import { addressOf } from '../platform/address.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/** Whether an answer is a redirect that was not followed. A browser does not show where it leads. */
export function isRedirect({ status, type }: Pick<Response, 'status' | 'type'>): boolean {
  return type === 'opaqueredirect' || REDIRECTS.includes(status);
}

/**
 * Whether an answer comes from another origin than the request went to. Some `fetch` functions always follow
 * redirects, and the one of React Native does not set `redirected`.
 */
export function isFromElsewhere(
  { redirected, url = '' }: Partial<Pick<Response, 'redirected' | 'url'>>,
  asked: string,
): boolean {
  if (redirected === false || (redirected === undefined && url === '')) return false;
  const from = addressOf(url)?.origin;
  return from === undefined || from !== addressOf(asked)?.origin;
}
