import type { Reason } from './reason.js';

/**
 * What each reason means. A page that does not import it does not load it.
 *
 * @example
 * ```ts
 * import { Auth, reasons } from 'latchkey';
 *
 * const auth = new Auth({ authUrl: 'https://example.com/api/token' });
 * auth.on('failed', ({ reason }) => console.log(reason, reasons[reason]));
 * ```
 */
export const reasons: Readonly<Record<Reason, string>> = {
  first: 'There was no token yet.',
  renewal: 'The token before expired, or was to be renewed.',
  capability: '`require()` needs more rights than the token has.',
  authorize: '`authorize()` was called.',
  expired: 'The token has expired.',
  revoked: 'The token was revoked, or the key that it was made with is revoked, expired or disabled.',
  refused: 'The server does not accept the token or the key, or does not know it.',
  'wrong identity': 'The token is for another client than this one.',
  'not permitted': 'The token does not have the rights that are needed.',
  forbidden: 'The source or the server answered 403: there will be no token.',
  'not signed in': 'The source answered 401: no user is signed in.',
  'signed out': '`forget()` was called.',
  unreachable: 'The host could not be reached: no network, no such host, or it refuses connections.',
  'timed out': 'There was no answer in time.',
  'rate limited': 'The source or the server answered 429.',
  'server failed': 'The source or the server answered with a status of 500 or above.',
  'source failed': 'The source of tokens failed, for a reason of its own.',
  malformed: 'The answer cannot be read, or is not a token.',
  'connection lost': 'The connection broke, or is not there.',
  closed: 'The connection or the client was closed or disposed of.',
  'no means': 'The client has nothing to get a token with.',
  invalid: 'An option, an argument or a request is invalid.',
  unknown: 'No reason was given.',
};
