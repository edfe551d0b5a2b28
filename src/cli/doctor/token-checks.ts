import { spanText } from '../../client/duration-text.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import { isTooDeep, parseJson } from '../../redaction/received.js';
import type { Exchange, Received } from './exchange.js';
import type { TokenFacts } from './token-facts.js';
import { causedBy, finding, ok, type Verdict } from './verdict.js';

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

/** The form of an API key, to find one in an answer. */
const KEY = /(?<![\w-])[\w-]{3,40}\.[\w-]{3,40}:[\w-]{16,}/;

export function keyStaysHome({ text = '' }: Received): Verdict {
  if (!KEY.test(withoutNames(text))) return ok('key', 'the answer contains no key');
  return finding(
    'key',
    'problem',
    'the answer contains a text that looks like an API key',
    'Remove the key from the answer and revoke it: a key has no expiry, and everyone who has it has all of its rights.',
  );
}

/** The text without the names of channels and clients, which may have the form of a key. */
function withoutNames(text: string): string {
  try {
    if (isTooDeep(text)) return text;
    const rest: unknown = JSON.parse(text, (name, value) =>
      NAMES.has(name) && typeof value === 'string' ? null : value,
    );
    return JSON.stringify(rest);
  } catch {
    return text;
  }
}

const NAMES = new Set(['capability', 'clientId']);

const FAR_MS = 2 * MINUTE;
const NEAR_MS = 30_000;

export function clock({ issued, kind }: TokenFacts, { at, tookMs, received }: Exchange): Verdict {
  const date = Date.parse(received?.headers.get('date') ?? '');
  const theirs = issued ?? (Number.isNaN(date) ? undefined : date);
  if (theirs === undefined) return ok('clock', 'unknown: the answer has no time');
  // A JWT counts in seconds.
  const offBy = Math.max(0, Math.abs(at - theirs) - tookMs - (kind === 'JWT' ? 1_000 : 0));
  if (offBy < NEAR_MS) return ok('clock', offBy < 1_000 ? 'the same as here' : `${spanText(offBy)} off`);
  return finding(
    'clock',
    offBy > FAR_MS ? 'problem' : 'warning',
    `the server's clock is ${spanText(offBy)} ${theirs < at ? 'behind' : 'ahead of'} the clock of this machine`,
    'Set the clock of the server by NTP, or sign with the time of the service (queryTime: true).',
    kind === 'JWT'
      ? { code: 40142, statusCode: 401, message: 'Token expired; or 40144, if it was issued in the future' }
      : { code: 40104, statusCode: 401, message: 'Timestamp not current' },
  );
}

export function freshness(first: TokenFacts, second: TokenFacts, { at, tookMs }: Exchange): Verdict {
  if (!first.isSameAs(second)) return ok('freshness', 'a new one for each call');
  const ageMs = at - (second.issued ?? Number.NEGATIVE_INFINITY);
  if (second.kind === 'JWT' && ageMs < tookMs + 1_000)
    return ok(
      'freshness',
      'a new one for each call; a JWT counts in seconds, so those of one second are equal',
    );
  return first.kind === 'TokenRequest'
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

export function ttl({ ttl: life, kind, expires }: TokenFacts, { at }: Exchange): Verdict {
  const bad = (observed: string, remedy: string, code: number, message: string) =>
    finding('ttl', 'problem', observed, remedy, { code, statusCode: code === 40003 ? 400 : 401, message });
  if (expires !== undefined && expires <= at) {
    return bad(
      `the token expired ${spanText(at - expires)} ago`,
      'Issue a new token for each call.',
      40142,
      'Token expired',
    );
  }
  if (life === undefined) {
    return ok('ttl', kind === 'TokenRequest' ? 'not set: one hour by default' : 'unknown');
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

export function clientId(asked: string | undefined, { clientId: given }: TokenFacts): Verdict {
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

export function capability({ capability: text, kind }: TokenFacts): Verdict {
  const remedy = "Grant the channels this user needs, such as { 'chat:*': ['subscribe'] }.";
  if (text === undefined) {
    if (kind !== 'TokenRequest' && kind !== 'JWT')
      return ok('capability', 'unknown: the token does not contain it');
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
