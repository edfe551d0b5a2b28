import { spanText } from '../../client/duration-text.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import type { Exchange, Told } from './exchange.js';
import type { TokenFacts } from './token-facts.js';
import { causedBy, finding, ok, type Verdict } from './verdict.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** For an answer that no client can use; the body says why where it can be guessed. */
export function badFormat(error: ErrorInfo, { text = '' }: Told): Verdict {
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
  return finding('format', 'problem', 'the JWT has no exp', 'Give it iat and exp, in seconds.', {
    code: 40144,
    statusCode: 400,
    message: 'Invalid token; exp must be specified',
  });
}

/** An API key, as it stands in an answer that holds one. */
const KEY = /(?<![\w-])[\w-]{3,40}\.[\w-]{3,40}:[\w-]{16,}/;

export function keyStaysHome({ text = '' }: Told): Verdict {
  if (!KEY.test(withoutNames(text))) return ok('key', 'the answer holds none');
  return finding(
    'key',
    'problem',
    'the answer holds what looks like an API key',
    'Take it out and revoke it: whoever has it has every right it has, without end.',
  );
}

/** Channels and clients may have names of the form of a key, and a channel's stands in a token by right. */
function withoutNames(text: string): string {
  try {
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

export function clock({ issued, kind }: TokenFacts, { at, tookMs, told }: Exchange): Verdict {
  const date = Date.parse(told?.headers.get('date') ?? '');
  const theirs = issued ?? (Number.isNaN(date) ? undefined : date);
  if (theirs === undefined) return ok('clock', 'unknown: the answer names no time');
  // A JWT counts in seconds.
  const offBy = Math.max(0, Math.abs(at - theirs) - tookMs - (kind === 'JWT' ? 1_000 : 0));
  if (offBy < NEAR_MS) return ok('clock', offBy < 1_000 ? 'as this one' : `${spanText(offBy)} off`);
  return finding(
    'clock',
    offBy > FAR_MS ? 'problem' : 'warning',
    `its clock is ${spanText(offBy)} ${theirs < at ? 'behind' : 'ahead of'} this one`,
    'Set the clock of the server by NTP, or sign by the time of the service (queryTime: true).',
    kind === 'JWT'
      ? { code: 40142, statusCode: 401, message: 'Token expired; or 40144, when it comes from the future' }
      : { code: 40104, statusCode: 401, message: 'Timestamp not current' },
  );
}

export function freshness(first: TokenFacts, second: TokenFacts): Verdict {
  if (!first.isSameAs(second)) return ok('freshness', 'another one at each call');
  return first.kind === 'TokenRequest'
    ? finding(
        'freshness',
        'problem',
        'two calls gave the same nonce',
        'Sign a new TokenRequest for each call, with a nonce of its own.',
        { code: 40105, statusCode: 401, message: 'Nonce value replayed' },
      )
    : finding(
        'freshness',
        'warning',
        'two calls gave the same token',
        'Issue a new one for each call: a client that renews needs one that lives longer than the one it has.',
        { code: 40142, statusCode: 401, message: 'Token expired' },
      );
}

export function ttl({ ttl: life, kind, expires }: TokenFacts, { at }: Exchange): Verdict {
  const bad = (observed: string, remedy: string, code: number, message: string) =>
    finding('ttl', 'problem', observed, remedy, { code, statusCode: code === 40003 ? 400 : 401, message });
  if (expires !== undefined && expires <= at) {
    return bad(
      `it died ${spanText(at - expires)} ago`,
      'Issue a new token for each call.',
      40142,
      'Token expired',
    );
  }
  if (life === undefined) {
    return ok('ttl', kind === 'TokenRequest' ? 'none named: an hour, by default' : 'unknown');
  }
  if (life > 24 * HOUR) {
    return bad(
      `it shall live for ${spanText(life)}`,
      'No token lives longer than 24 h, and one of a key with revocable tokens no longer than 1 h.',
      40003,
      'Invalid parameter value: ttl',
    );
  }
  if (life < MINUTE) {
    return finding(
      'ttl',
      'warning',
      `it lives for ${spanText(life)} only`,
      'Give it some minutes at least: clients spend their time renewing, and one slow answer is the end. Note that ttl is in ms.',
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
      `it is for ${JSON.stringify(given)}, and ${JSON.stringify(asked)} was asked for`,
      'Let the client be made with the clientId that the endpoint gives, or with none.',
      { code: 40102, statusCode: 401, message: 'Incompatible credentials' },
    );
  }
  if (given === '*') {
    return finding(
      'clientId',
      'warning',
      'whoever has it may be anybody',
      "Name the user who is signed in: '*' is for servers that publish in the name of many.",
    );
  }
  return ok('clientId', given ?? 'none: an anonymous client');
}

/** @param impostor a name nobody has, which was asked for */
export function impersonation(impostor: string, { clientId: given }: TokenFacts): Verdict | undefined {
  if (given !== impostor) return undefined;
  return finding(
    'clientId',
    'problem',
    'it is for any client that the caller names',
    'Take the clientId from the session on the server, never from the request.',
  );
}

export function capability({ capability: text, kind }: TokenFacts): Verdict {
  const remedy = "Grant the channels this user needs, such as { 'chat:*': ['subscribe'] }.";
  if (text === undefined) {
    if (kind !== 'TokenRequest' && kind !== 'JWT')
      return ok('capability', 'unknown: the token does not tell');
    return finding('capability', 'problem', 'none is named, so it is all the key may', remedy);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    const error = { code: 40003, statusCode: 400, message: 'Invalid capability' };
    return finding('capability', 'problem', 'it is not a JSON object', 'Send operations by channel.', error);
  }
  const all = Object.entries(parsed).filter(([name]) => name === '*' || name === '[*]*');
  const isAll = all.some(([, operations]) => Array.isArray(operations) && operations.includes('*'));
  if (isAll) return finding('capability', 'problem', `it allows everything: ${text}`, remedy);
  if (all.length > 0) return finding('capability', 'warning', `it reaches every channel: ${text}`, remedy);
  return ok('capability', text);
}
