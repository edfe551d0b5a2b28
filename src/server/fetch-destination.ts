import { ErrorInfo } from '../errors/error-info.js';

/**
 * The values of `Sec-Fetch-Dest` that mean: a browser loads the address for an element, a worker or itself.
 * Two values are not in the list: `empty`, for `fetch()` and XMLHttpRequest, and `document`, for a user who
 * opens the address. Old browsers and other clients do not send the header.
 *
 * @see https://fetch.spec.whatwg.org/#concept-request-destination
 */
const REFUSED = new Set([
  'audio',
  'audioworklet',
  'embed',
  'fencedframe',
  'font',
  'frame',
  'iframe',
  'image',
  'json',
  'manifest',
  'object',
  'paintworklet',
  'report',
  'script',
  'serviceworker',
  'sharedworker',
  'style',
  'text',
  'track',
  'video',
  'webbundle',
  'webidentity',
  'worker',
  'xslt',
]);

/**
 * Refuses a request that loads the answer as a resource of a page. A page of another origin cannot read an
 * answer, but it can run it as a script, and so read a JWT.
 *
 * @throws {ErrorInfo} 40300
 */
export function checkDestination({ headers }: Request): void {
  const given = headers.get('sec-fetch-dest');
  if (given === null || given === 'empty') return;
  const refused = given
    .toLowerCase()
    .split(SEPARATORS)
    .find((word) => REFUSED.has(word));
  if (refused === undefined) return;
  throw new ErrorInfo({
    code: 40300,
    message: `the token endpoint must be asked with fetch() or XMLHttpRequest; this request has Sec-Fetch-Dest: ${refused}`,
  });
}

/** A header that is present twice becomes a list, and a structured field may have parameters. */
const SEPARATORS = /[\s,;="]+/;
