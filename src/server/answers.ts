import type { ErrorInfo } from '../errors/error-info.js';
import type { Body } from './formats.js';

type HeaderRecord = Readonly<Record<string, string>>;

/**
 * The headers of every answer. A cache must not keep a token: a token is for one client and one moment. A
 * page must not load an answer as another kind of resource: a JWT is also a JavaScript expression, `a.b.c`,
 * so a page of another origin that runs it as a script can read the token.
 */
export const always: HeaderRecord = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * The longest text in a header. By default nginx accepts a header block of 4 KB, and counts a longer one as a
 * failure of the server.
 */
const LONGEST_HEADER_TEXT = 256;

/** The longest message in a body. */
const LONGEST_MESSAGE = 1_000;

/** The class that answers are made of. */
type Answer = typeof Response;

export function tokenAnswer(Answer: Answer, { contentType, text }: Body, cors: HeaderRecord): Response {
  return new Answer(text, {
    status: 200,
    headers: { 'content-type': contentType, ...always, ...cors },
  });
}

/**
 * An error in the form of Ably's services. Ably's SDK for Node reads the body only with exactly this content
 * type. The SDK for browsers reads the body only if the header `x-ably-errorcode` is present.
 */
export function errorAnswer(
  Answer: Answer,
  { code, statusCode, message, href, retryAfterMs }: ErrorInfo,
  cors: HeaderRecord,
): Response {
  const error = { code, statusCode, message: cut(message, LONGEST_MESSAGE), href };
  return new Answer(JSON.stringify({ error }), {
    status: statusCode,
    headers: {
      'content-type': 'application/json',
      ...always,
      'x-ably-errorcode': String(code),
      'x-ably-errormessage': headerText(message),
      ...(statusCode === 405 ? { allow: 'GET, POST, OPTIONS' } : {}),
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...cors,
    },
  });
}

export function preflightAnswer(Answer: Answer, cors: HeaderRecord): Response {
  return new Answer(null, {
    status: 204,
    headers: { allow: 'GET, POST, OPTIONS', ...always, ...cors },
  });
}

/** A text for a header: one line of printable ASCII. Other characters become `?`. */
function headerText(message: string): string {
  return cut(message, LONGEST_HEADER_TEXT).replace(/[^\x20-\x7e]/gu, '?');
}

/** The first characters of a text. A surrogate pair is never split. */
function cut(text: string, longest: number): string {
  const kept =
    text.length > longest ? `${text.slice(0, longest - 3).replace(/[\uD800-\uDBFF]$/, '')}...` : text;
  // A lone surrogate is not a character.
  return kept.replace(/\p{Cs}/gu, '\uFFFD');
}
