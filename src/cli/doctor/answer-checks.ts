import { spanText } from '../../client/duration-text.js';
import { type ErrorInfo, isOwnError } from '../../errors/error-info.js';
import { BODY_LIMIT } from '../../platform/body.js';
import type { Exchange, Question, Told } from './exchange.js';
import { causedBy, finding, ok, type Verdict } from './verdict.js';

/** The first of two equal questions, and what its answer was. */
export interface Answered {
  readonly question: Question;
  readonly exchange: Exchange;
  readonly told: Told;
}

const source = (message: string) => ({ code: 40170, statusCode: 401, message });
const BLOCKED = source('the token source could not be reached');

export function reachable({ url }: Question, { told, made, tookMs }: Exchange): Verdict {
  const error = isOwnError(made) ? causedBy(made) : BLOCKED;
  if (told !== undefined) {
    const other = originElsewhere(url, told);
    if (other === undefined) return ok('reachable', 'it answers');
    return finding(
      'reachable',
      'problem',
      `it redirects to another origin, ${other}`,
      'Give clients the final address for their authUrl, or redirect within the origin: they follow no further.',
      error,
    );
  }
  const { protocol, host } = new URL(url);
  const isLate = error.message.startsWith('no answer');
  return isLate
    ? finding(
        'answer time',
        'problem',
        `no answer within ${spanText(tookMs)}`,
        'Answer within two seconds: look at what the endpoint waits for, a database or the service, say.',
        error,
      )
    : finding(
        'reachable',
        'problem',
        `nothing answers at ${protocol}//${host}`,
        'Start the server, and check address, port and TLS.',
        error,
      );
}

/** Where an answer came from, if not from where it was asked for. */
function originElsewhere(url: string, { url: final }: Told): string | undefined {
  const origin = URL.canParse(final) ? new URL(final).origin : undefined;
  return origin === new URL(url).origin ? undefined : origin;
}

export function status({ exchange: { made }, told }: Answered): Verdict {
  if (told.status >= 200 && told.status < 300) return ok('status', String(told.status));
  const error = isOwnError(made) ? causedBy(made) : source(`the token source answered ${told.status}`);
  if (told.status >= 300 && told.status < 400) {
    return finding(
      'status',
      'problem',
      `it redirects, with ${told.status}, a request that has a form or headers`,
      'Give clients the final address for their authUrl: what they send along follows no redirect.',
      error,
    );
  }
  const remedies: Readonly<Record<number, string>> = {
    401: 'The endpoint does not know who asks: give what it needs with --header or --param, a cookie, say.',
    403: 'To a client this is final. Answer 403 only to who may never have a token, 401 to who is not signed in.',
    404: 'Check the path.',
    405: 'Answer the method that clients ask with: GET, or what their authMethod says.',
  };
  const remedy = remedies[told.status] ?? 'Look at the log of the server: clients ask again, and again.';
  return finding('status', 'problem', `it answers ${told.status}`, remedy, error);
}

/** After a first answer that was good. */
export function failedAgain(call: string, told: Told | undefined, error: ErrorInfo): Verdict {
  return finding(
    'status',
    'problem',
    `it answers ${call} ${told === undefined ? 'not at all' : `${told.status}, without a token`}`,
    'Look at the log of the server. Clients ask again for each renewal; answer 401 to who is not known.',
    causedBy(error),
  );
}

const TYPES = ['application/json', 'text/plain', 'application/jwt'];

export function contentType({ told }: Answered): Verdict {
  const type = told.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (TYPES.includes(type)) return ok('content type', type);
  const what = type === '' ? 'it has no content type' : `the content type is ${type}`;
  const remedy = type.startsWith('text/html')
    ? 'This is a page, perhaps the one to sign in: answer 401 instead of showing or redirecting to it.'
    : 'Send a TokenRequest or TokenDetails as application/json, a token as text/plain or application/jwt.';
  return finding('content type', 'problem', what, remedy, source('the token source answered with no token'));
}

export function cors({ question: { url, origin }, told: { headers } }: Answered): Verdict {
  if (origin === undefined)
    return ok('cors', 'not looked at: give --origin to ask as a page of another origin');
  if (new URL(url).origin === origin) return ok('cors', 'not needed: the page is of the same origin');
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === origin || allowed === '*') return ok('cors', `${origin} may read the answer`);
  return finding(
    'cors',
    'problem',
    allowed === null
      ? `no page of ${origin} may read the answer`
      : `only pages of ${allowed} may read the answer`,
    `List the origin: cors: { origins: ['${origin}'] } in tokenEndpoint, or send access-control-allow-origin.`,
    BLOCKED,
  );
}

/** What a browser asks before it sends a header of the application's. */
export function preflight(
  origin: string,
  headers: readonly string[],
  response: Response | undefined,
): Verdict {
  const allowed = response?.headers.get('access-control-allow-origin');
  const names = (response?.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/\s*,\s*/);
  const missing = headers.filter((name) => !names.includes(name.toLowerCase()) && !names.includes('*'));
  if (response?.ok && (allowed === origin || allowed === '*') && missing.length === 0) {
    return ok('cors', `${origin} may send ${headers.join(', ')}`);
  }
  return finding(
    'cors',
    'problem',
    `a page of ${origin} may not send ${missing.length === 0 ? 'anything of its own' : missing.join(', ')}`,
    'Answer OPTIONS with access-control-allow-headers: in tokenEndpoint, list them in cors.headers.',
    BLOCKED,
  );
}

/** For a preflight that was waited for in vain. */
export function noPreflight(origin: string, waitedMs: number, error: ErrorInfo): Verdict {
  return finding(
    'cors',
    'problem',
    `no preflight of ${origin} is answered within ${spanText(waitedMs)}`,
    'Answer OPTIONS at once, with what cors of tokenEndpoint would say.',
    causedBy(error),
  );
}

export function caching({ question: { method }, told: { headers } }: Answered): Verdict {
  const control = (headers.get('cache-control') ?? '').toLowerCase();
  if (/no-store/.test(control)) return ok('caching', 'no-store');
  const replayed = {
    code: 40105,
    statusCode: 401,
    message: 'Nonce value replayed; or 40142, when a token comes from a cache after its end',
  };
  const remedy = 'Send cache-control: no-store with each answer.';
  const age = headers.get('age');
  if (age !== null || /(^|[ ,])(public|s-maxage|immutable|max-age=[1-9])/.test(control)) {
    const what = age === null ? `may be kept: ${control}` : `came from a cache, ${age} s old`;
    return finding('caching', 'problem', `the answer ${what}`, remedy, replayed);
  }
  if (method === 'POST') return ok('caching', 'answers to POST are not kept');
  return finding('caching', 'warning', 'nothing forbids to keep the answer', remedy, replayed);
}

export function size({ told: { text, isTooLong } }: Answered): Verdict {
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text).byteLength;
  if (!isTooLong) return ok('size', bytes === undefined ? 'unknown' : `${bytes} bytes`);
  return finding(
    'size',
    'problem',
    bytes === undefined ? 'the answer does not end' : `the answer has ${bytes} bytes`,
    `No client takes more than ${BODY_LIMIT}: answer with the token alone, and grant patterns such as "chat:*" instead of lists of channels.`,
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
    'Clients wait ten seconds for source, service and connection together: answer within two.',
    source('no token came within 10000 ms'),
  );
}
