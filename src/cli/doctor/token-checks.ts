import { spanText } from '../../client/duration-text.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import { parseJson } from '../../redaction/received.js';
import { LONGEST_JWT } from '../../server/jwt.js';
import type { Exchange, Received } from './exchange.js';
import type { TokenFacts } from './token-facts.js';
import { causedBy, finding, ok, skipped, type Verdict } from './verdict.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** For an answer that no client can use. The remedy depends on the body. */
export function badFormat(error: ErrorInfo, { text = '' }: Received): Verdict {
  const start = text.trimStart();
  const remedy = start.startsWith('"')
    ? 'Send a bare token as text/plain, without quotes.'
    : /^\{\s*"(data|result|token|response|payload|tokenRequest|tokenDetails)"\s*:\s*\{/.test(start)
      ? 'Answer with the TokenRequest, TokenDetails or token itself, not with an object around it.'
      : 'Answer with a TokenRequest or TokenDetails as application/json, or with a token as text/plain.';
  return finding('format', 'problem', error.message, remedy, causedBy(error));
}

export function format({ kind, isEndless }: TokenFacts): Verdict {
  if (!isEndless) return ok('format', kind);
  return finding('format', 'problem', 'the JWT has no exp', 'Add iat and exp, in seconds.', {
    code: 40144,
    statusCode: 400,
    message: 'Invalid token; exp must be specified',
  });
}

/** The token in a JWT of the app. */
export function embedded({ embedded: inner, expires }: TokenFacts): Verdict[] {
  if (inner === undefined) return [];
  if (inner.expires === undefined || expires === undefined)
    return [skipped('embedded token', 'only the service knows when it expires')];
  if (inner.expires >= expires) return [ok('embedded token', 'expires no earlier than the JWT around it')];
  return [
    finding(
      'embedded token',
      'problem',
      `the token in the JWT expires ${spanText(expires - inner.expires)} before the JWT around it`,
      'Set exp of the JWT to the expiry of the token in x-ably-token, or to an earlier time.',
      { code: 40144, statusCode: 401, message: 'Invalid JWT; the embedded token expires before it' },
    ),
  ];
}

export function tokenLength({ kind, length = 0 }: TokenFacts): Verdict {
  const characters = `${length} characters`;
  if (kind === 'TokenRequest') return skipped('token length', 'the service makes the token');
  if (length <= LONGEST_JWT) return ok('token length', characters);
  return finding(
    'token length',
    'warning',
    `the token has ${characters}`,
    `A connection sends the whole token, and many proxies and servers take no header above ${LONGEST_JWT}. Grant a pattern such as "chat:*" instead of each channel, or answer with a TokenRequest.`,
    { code: 80003, statusCode: 500, message: 'the connection could not be opened' },
  );
}

const FAR_MS = 2 * MINUTE;
const NEAR_MS = 30_000;

/** The answer of the service to a request for its time. The other times are of this machine. */
export interface ServiceTime {
  readonly time: number;
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * Compares the clock of the endpoint with that of the service, or with that of this machine if the service did not
 * answer. The time that the requests took is allowed for.
 * @param isNew whether the token was made for this answer
 */
export function clock(
  { issued, kind }: TokenFacts,
  { at, tookMs, received }: Exchange,
  service: ServiceTime | undefined,
  isNew: boolean,
): Verdict {
  const date = Date.parse(received?.headers.get('date') ?? '');
  const made = isNew ? issued : undefined;
  const theirs = made ?? (Number.isNaN(date) ? undefined : date);
  if (theirs === undefined)
    return skipped('clock', isNew ? 'the answer has no time' : 'the token was made before the request');
  const { time, askedAt, answeredAt } = service ?? { time: at, askedAt: at, answeredAt: at };
  // A JWT and the header Date count in seconds.
  const grainMs = kind === 'JWT' || made === undefined ? 1_000 : 0;
  const aheadMs = theirs - at - (time - askedAt);
  const behindMs = time - answeredAt - (theirs + grainMs - (at - tookMs));
  const offBy = Math.max(0, aheadMs, behindMs);
  const other = service === undefined ? 'the clock of this machine' : 'the clock of the service';
  if (offBy < NEAR_MS) {
    const silence = service === undefined ? '; the service did not tell its time' : '';
    return ok('clock', `${offBy < 1_000 ? 'the same as' : `${spanText(offBy)} off`} ${other}${silence}`);
  }
  return finding(
    'clock',
    offBy > FAR_MS ? 'problem' : 'warning',
    `the server's clock is ${spanText(offBy)} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${other}`,
    'Set the clock of the server by NTP, or sign with the time of the service (queryTime: true).',
    kind === 'JWT'
      ? { code: 40142, statusCode: 401, message: 'Token expired; or 40144, if it was issued in the future' }
      : { code: 40104, statusCode: 401, message: 'Timestamp not current' },
  );
}

/** @param isNew whether the second answer has another token than the first */
export function freshness({ kind }: TokenFacts, isNew: boolean): Verdict {
  if (isNew) return ok('freshness', 'a new one for each call');
  return kind === 'TokenRequest'
    ? finding(
        'freshness',
        'problem',
        'two calls returned the same nonce',
        'Sign a new TokenRequest for each call, with its own nonce.',
        { code: 40105, statusCode: 401, message: 'Nonce value replayed' },
      )
    : finding(
        'freshness',
        'warning',
        'two calls returned the same token',
        'Issue a new token for each call: a renewal needs a token that expires later than the current one.',
        { code: 40142, statusCode: 401, message: 'Token expired' },
      );
}

/** @param now the time of the service, or of this machine */
export function ttl({ ttl: life, kind, expires }: TokenFacts, now: number): Verdict {
  const bad = (observed: string, remedy: string, code: number, message: string) =>
    finding('ttl', 'problem', observed, remedy, { code, statusCode: code === 40003 ? 400 : 401, message });
  if (expires !== undefined && expires <= now) {
    return bad(
      `the token expired ${spanText(now - expires)} ago`,
      'Issue a new token for each call.',
      40142,
      'Token expired',
    );
  }
  if (life === undefined) {
    return kind === 'TokenRequest'
      ? ok('ttl', 'not set: one hour by default')
      : skipped('ttl', 'the answer does not say when the token expires');
  }
  if (life > 24 * HOUR) {
    return bad(
      `the requested lifetime is ${spanText(life)}`,
      'A token can live for at most 24 h; a token of a key with revocable tokens for at most 1 h.',
      40003,
      'Invalid parameter value: ttl',
    );
  }
  if (life < MINUTE) {
    return finding(
      'ttl',
      'warning',
      `the token lives for only ${spanText(life)}`,
      'Use some minutes at least: otherwise clients renew all the time, and one slow answer lets the token expire. Note that ttl is in ms.',
      { code: 40142, statusCode: 401, message: 'Token expired' },
    );
  }
  return ok('ttl', spanText(life));
}

export function clientId(asked: string | undefined, { clientId: given, isOpaque }: TokenFacts): Verdict {
  if (asked !== undefined && given !== asked && given !== undefined && given !== '*') {
    return finding(
      'clientId',
      'problem',
      `the token is for ${JSON.stringify(given)}, but ${JSON.stringify(asked)} was requested`,
      'Make the client with the clientId that the endpoint returns, or without one.',
      { code: 40102, statusCode: 401, message: 'Incompatible credentials' },
    );
  }
  if (given === '*') {
    return finding(
      'clientId',
      'warning',
      'the token is valid for any clientId',
      "Use the clientId of the signed-in user: '*' is for servers that publish for many users.",
    );
  }
  if (given === undefined && isOpaque) return skipped('clientId', 'the answer does not say it');
  return ok('clientId', given ?? 'none: an anonymous client');
}

/**
 * Reports an endpoint that trusts the requested clientId. @param impostor a requested clientId that no user
 * has
 */
export function impersonation(impostor: string, { clientId: given }: TokenFacts): Verdict | undefined {
  if (given !== impostor) return undefined;
  return finding(
    'clientId',
    'problem',
    'the token is for any clientId that the caller requests',
    'Take the clientId from the session on the server, never from the request.',
  );
}

export function capability({ capability: text, kind, isOpaque }: TokenFacts): Verdict {
  const remedy = "Grant the channels this user needs, such as { 'chat:*': ['subscribe'] }.";
  if (text === undefined) {
    if (isOpaque || (kind !== 'TokenRequest' && kind !== 'JWT'))
      return skipped('capability', 'the answer does not say it');
    return finding('capability', 'problem', 'not set, so the token has all rights of the key', remedy);
  }
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    const error = { code: 40003, statusCode: 400, message: 'Invalid capability' };
    return finding(
      'capability',
      'problem',
      'the capability must be a JSON object',
      'Send operations by channel.',
      error,
    );
  }
  const all = Object.entries(parsed).filter(([name]) => name === '*' || name === '[*]*');
  const isAll = all.some(([, operations]) => Array.isArray(operations) && operations.includes('*'));
  if (isAll) return finding('capability', 'problem', `the token allows everything: ${text}`, remedy);
  if (all.length > 0)
    return finding('capability', 'warning', `the token allows every channel: ${text}`, remedy);
  return ok('capability', text);
}
