import { spanText } from '../../client/duration-text.js';
import { type ErrorInfo, isOwnError } from '../../errors/error-info.js';
import { shownAddress } from '../../log/shown-address.js';
import { BODY_LIMIT } from '../../platform/body.js';
import { PAGE_REMEDY, reachOf, statusRemedy } from '../reach.js';
import type { Exchange, Question, Received } from './exchange.js';
import { causedBy, finding, ok, skipped, type Verdict } from './verdict.js';
import { wordsIn } from './words.js';

/** The first of two equal requests, with its answer. */
export interface Answered {
  readonly question: Question;
  readonly exchange: Exchange;
  readonly received: Received;
}

const source = (message: string) => ({ code: 40170, statusCode: 401, message });
const BLOCKED = source('the token source could not be reached');

export function reachable({ url }: Question, { received, made, thrown, tookMs }: Exchange): Verdict {
  const error = isOwnError(made) ? causedBy(made) : BLOCKED;
  if (received !== undefined) {
    const other = originElsewhere(url, received);
    if (other === undefined) return ok('reachable', 'the endpoint answers');
    return finding(
      'reachable',
      'problem',
      `the endpoint redirects to another origin, ${other}`,
      'Use the final address as authUrl, or redirect within the origin: clients follow no other redirects.',
      error,
    );
  }
  const { observed, remedy } = reachOf(thrown, url);
  const isLate = error.message.startsWith('no answer');
  return isLate
    ? finding(
        'answer time',
        'problem',
        `${shownAddress(url)} has not answered within ${spanText(tookMs)}`,
        'Answer within two seconds. Find out what the endpoint waits for, such as a database or the service.',
        error,
      )
    : finding('reachable', 'problem', observed, remedy, error);
}

/** The origin of an answer, if it is not the origin of the request. */
function originElsewhere(url: string, { url: final }: Received): string | undefined {
  const origin = URL.canParse(final) ? new URL(final).origin : undefined;
  return origin === new URL(url).origin ? undefined : origin;
}

export function status(answered: Answered): Verdict {
  const verdict = statusOf(answered);
  return verdict.level === 'ok' ? verdict : withWords(verdict, answered.received, answered.question);
}

function statusOf({ exchange: { made }, received }: Answered): Verdict {
  if (received.status >= 200 && received.status < 300) return ok('status', String(received.status));
  const error = isOwnError(made) ? causedBy(made) : source(`the token source answered ${received.status}`);
  if (received.status >= 300 && received.status < 400) {
    return finding(
      'status',
      'problem',
      `the endpoint redirects a request that has a form or headers, with status ${received.status}`,
      'Use the final address as authUrl: clients do not send forms and headers to a redirect.',
      error,
    );
  }
  const { status } = received;
  return finding('status', 'problem', `the endpoint answers ${status}`, statusRemedy(status), error);
}

/** For a failure after a good first answer. */
export function failedAgain(
  call: string,
  received: Received | undefined,
  error: ErrorInfo,
  question: Question,
): Verdict {
  const verdict = finding(
    'status',
    'problem',
    `${call} gets ${received === undefined ? 'no answer' : `${received.status}, without a token`}`,
    'Read the log of the server. Clients send a request for each renewal; answer 401 to unknown users.',
    causedBy(error),
  );
  return received === undefined ? verdict : withWords(verdict, received, question);
}

/** Adds what the endpoint said, unless the error of the clients says it. */
function withWords(verdict: Verdict, received: Received, question: Question): Verdict {
  const said = wordsIn(received, question);
  return said === undefined || verdict.error?.message.includes(said) ? verdict : { ...verdict, said };
}

const TYPES = ['application/json', 'text/plain', 'application/jwt'];

export function contentType({ received }: Answered): Verdict {
  const type = received.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (TYPES.includes(type)) return ok('content type', type);
  const what = type === '' ? 'the answer has no content type' : `the content type is ${type}`;
  const remedy = type.startsWith('text/html')
    ? PAGE_REMEDY
    : 'Send a TokenRequest or TokenDetails as application/json, a token as text/plain or application/jwt.';
  return finding(
    'content type',
    'problem',
    what,
    remedy,
    source('the token source answered without a token'),
  );
}

export function cors({ question: { url, origin, headers: sent }, received: { headers } }: Answered): Verdict {
  if (origin === undefined)
    return skipped('cors', 'use --origin to send requests as a page of another origin');
  if (new URL(url).origin === origin) return skipped('cors', 'the page is of the same origin');
  const allowed = headers.get('access-control-allow-origin');
  const hasCookies = Object.keys(sent).some((name) => name.toLowerCase() === 'cookie');
  if (hasCookies && (allowed === origin || allowed === '*')) {
    if (allowed === origin && headers.get('access-control-allow-credentials') === 'true')
      return ok('cors', `${origin} can send cookies and read the answer`);
    return finding(
      'cors',
      'problem',
      `pages of ${origin} cannot send cookies`,
      'Name the origin, not *, and send access-control-allow-credentials: true: in tokenEndpoint, set cors.credentials.',
      BLOCKED,
    );
  }
  if (allowed === origin || allowed === '*') return ok('cors', `${origin} can read the answer`);
  return finding(
    'cors',
    'problem',
    allowed === null
      ? `pages of ${origin} cannot read the answer`
      : `only pages of ${allowed} can read the answer`,
    `List the origin: cors: { origins: ['${origin}'] } in tokenEndpoint, or send access-control-allow-origin.`,
    BLOCKED,
  );
}

/** The answer to a preflight: browsers send one before a request with headers of the application. */
export function preflight(
  origin: string,
  headers: readonly string[],
  response: Response | undefined,
): Verdict {
  const allowed = response?.headers.get('access-control-allow-origin');
  const names = (response?.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/);
  const missing = headers.filter((name) => !names.includes(name.toLowerCase()) && !names.includes('*'));
  if (response?.ok && (allowed === origin || allowed === '*') && missing.length === 0) {
    return ok('cors', `${origin} can send ${headers.join(', ')}`);
  }
  return finding(
    'cors',
    'problem',
    `a page of ${origin} cannot send ${missing.length === 0 ? 'its headers' : missing.join(', ')}`,
    'Answer OPTIONS with access-control-allow-headers: in tokenEndpoint, list them in cors.headers.',
    BLOCKED,
  );
}

/** For a preflight without an answer. */
export function noPreflight(origin: string, waitedMs: number, error: ErrorInfo): Verdict {
  return finding(
    'cors',
    'problem',
    `a preflight of ${origin} gets no answer within ${spanText(waitedMs)}`,
    'Answer OPTIONS at once, with the headers that tokenEndpoint sends for its option cors.',
    causedBy(error),
  );
}

/** A page of another origin can run an answer as a script, and read a JWT in it. */
export function nosniff({ received: { headers } }: Answered): Verdict {
  const value = headers.get('x-content-type-options')?.trim().toLowerCase();
  if (value === 'nosniff') return ok('nosniff', 'a browser loads the answer as nothing but its type');
  return finding(
    'nosniff',
    'warning',
    value === undefined
      ? 'the header x-content-type-options is missing'
      : `x-content-type-options is ${value}`,
    'Send x-content-type-options: nosniff with each answer: a page of another origin could load a token as a script.',
  );
}

/** Headers by which caches are told, the last two those of networks in front of the server, and what each says. */
const CACHE_HEADERS = ['cache-control', 'cdn-cache-control', 'surrogate-control'];
const STORED = /(^|[ ,])(public|immutable|(s-maxage|max-age)="?0*[1-9])/;

export function caching({
  question: { method },
  exchange: { at },
  received: { headers },
}: Answered): Verdict {
  const replayed = {
    code: 40105,
    statusCode: 401,
    message: 'Nonce value replayed; or 40142, if a cache returns an expired token',
  };
  const remedy = 'Send cache-control: no-store with each answer.';
  const controls = CACHE_HEADERS.map((name) => [name, (headers.get(name) ?? '').toLowerCase()] as const);
  const isForbidden = (text: string) => /(^|[ ,])no-store($|[ ,])/.test(text);
  const storing = controls.find(([, text]) => STORED.test(text) && !isForbidden(text));
  const isStored = Number(headers.get('age')) > 0;
  const until = Date.parse(headers.get('expires') ?? '') > (Date.parse(headers.get('date') ?? '') || at);
  const isAnyForbidden = isForbidden(controls[0]?.[1] ?? '');
  if (storing !== undefined || isStored || (until && !isAnyForbidden)) {
    const what = isStored
      ? `came from a cache, ${headers.get('age')} s old`
      : `can be cached: ${storing?.join(': ') ?? `expires: ${headers.get('expires')}`}`;
    return finding('caching', 'problem', `the answer ${what}`, remedy, replayed);
  }
  if (isAnyForbidden) return ok('caching', 'no-store');
  if (method === 'POST') return ok('caching', 'answers to POST are not cached');
  return finding('caching', 'warning', 'no header forbids caching', remedy, replayed);
}

export function size({ received: { text, isTooLong } }: Answered): Verdict {
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text).byteLength;
  if (!isTooLong)
    return bytes === undefined
      ? skipped('size', 'the answer could not be read')
      : ok('size', `${bytes} bytes`);
  return finding(
    'size',
    'problem',
    bytes === undefined ? 'the answer does not end' : `the answer has ${bytes} bytes`,
    `Clients read at most ${BODY_LIMIT} bytes: answer with the token alone, and grant patterns such as "chat:*" instead of lists of channels.`,
    source(`the token source gave a body longer than ${BODY_LIMIT} bytes`),
  );
}

const SLOW_MS = 2_000;

export function answerTime({ exchange: { tookMs } }: Answered): Verdict {
  const took = spanText(tookMs);
  if (tookMs < SLOW_MS) return ok('answer time', took);
  return finding(
    'answer time',
    'warning',
    `the answer took ${took}`,
    'Clients wait ten seconds in all for source, service and connection: answer within two seconds.',
    source('no token came within 10000 ms'),
  );
}
