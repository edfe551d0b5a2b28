import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { SourceAnswer } from '../../../machines/ports.js';

/** The facts about a token in an answer, without the token itself. */
export interface TokenFacts {
  readonly kind: 'TokenRequest' | 'TokenDetails' | 'Ably token' | 'JWT';
  readonly keyName?: string;
  readonly clientId?: string;
  /** As received; undefined: none. */
  readonly capability?: string;
  /** When it was made, ms since the epoch. */
  readonly issued?: number;
  readonly expires?: number;
  /** ms. */
  readonly ttl?: number;
  /** The claim of a JWT that says what the client is. */
  readonly clientType?: string;
  /** A JWT without an expiry. */
  readonly isEndless: boolean;
  /** The identity and the rights cannot be read: only the service knows what is in the token. */
  readonly isOpaque: boolean;
  /** The number of characters of the token. */
  readonly length?: number;
  /** The token in a JWT that is not Ably's own. */
  readonly embedded?: { readonly expires?: number };
  /** Whether both have the same nonce, or are the same token. */
  isSameAs(other: TokenFacts): boolean;
}

type Parts = Omit<TokenFacts, 'isSameAs'>;

/** The secrets by which two answers are compared. They are not part of the facts. */
const marks = new WeakMap<TokenFacts, string>();

export function factsOfAnswer(answer: SourceAnswer): TokenFacts {
  const [parts, mark] = answer.kind === 'request' ? ofRequest(answer) : ofToken(answer);
  const facts: TokenFacts = { ...parts, isSameAs: (other) => marks.get(other) === mark };
  marks.set(facts, mark);
  return facts;
}

function ofRequest({ request }: Extract<SourceAnswer, { kind: 'request' }>): [Parts, string] {
  const { keyName, ttl, capability, clientId, timestamp, nonce } = request.expose();
  return [
    {
      kind: 'TokenRequest',
      keyName,
      issued: timestamp,
      isEndless: false,
      isOpaque: false,
      ...(ttl === undefined ? {} : { ttl }),
      ...(capability === undefined ? {} : { capability }),
      ...(clientId === undefined ? {} : { clientId }),
    },
    nonce,
  ];
}

function ofToken({ token }: Extract<SourceAnswer, { kind: 'token' }>): [Parts, string] {
  const { token: text, issued, expires, clientId, capability } = token.expose();
  const jwt = jwtFacts(text);
  const received = {
    ...(issued === undefined ? {} : { issued }),
    ...(expires === undefined ? {} : { expires }),
    ...(typeof clientId === 'string' ? { clientId } : {}),
    ...(capability === undefined ? {} : { capability }),
  };
  // The signed values win over the values beside them.
  const all = { ...received, ...jwt };
  const { issued: from, expires: to } = all;
  const ttl = from === undefined || to === undefined ? {} : { ttl: to - from };
  const isBare = Object.keys(received).length === 0;
  const kind = jwt !== undefined ? 'JWT' : isBare ? 'Ably token' : 'TokenDetails';
  const isEndless = jwt !== undefined && to === undefined;
  return [{ kind, isEndless, isOpaque: kind === 'Ably token', length: text.length, ...all, ...ttl }, text];
}

type JwtFacts = Omit<Parts, 'kind' | 'isEndless' | 'isOpaque' | 'length' | 'ttl'> & {
  readonly isOpaque?: boolean;
};

/** The facts in a JWT; undefined if the text is not a JWT. */
function jwtFacts(text: string): JwtFacts | undefined {
  if (text.split('.').length !== 3) return undefined;
  try {
    const [claims, header] = [decodeJwt(text), decodeProtectedHeader(text)];
    const { iat, exp, 'x-ably-clientId': clientId, 'x-ably-capability': capability } = claims;
    const clientType = claims['x-ably-clientType'];
    const embedded = header['x-ably-token'] ?? claims['x-ably-token'];
    if (typeof embedded === 'string') return outerFacts(claims, jwtFacts(embedded));
    return {
      ...(typeof header.kid === 'string' ? { keyName: header.kid } : {}),
      ...(typeof iat === 'number' ? { issued: iat * 1000 } : {}),
      ...(typeof exp === 'number' ? { expires: exp * 1000 } : {}),
      ...(typeof clientId === 'string' ? { clientId } : {}),
      ...(typeof clientType === 'string' ? { clientType } : {}),
      ...(typeof capability === 'string' ? { capability } : {}),
    };
  } catch {
    return undefined;
  }
}

/**
 * The facts in a JWT that an app signed for itself, around a token of the service.
 * @param inner the facts of that token; undefined: it is an Ably token
 */
function outerFacts({ iat, exp }: { iat?: number; exp?: number }, inner: JwtFacts | undefined): JwtFacts {
  const { expires, ...rest } = inner ?? { isOpaque: true };
  return {
    ...rest,
    ...(typeof iat === 'number' ? { issued: iat * 1000 } : {}),
    ...(typeof exp === 'number' ? { expires: exp * 1000 } : {}),
    embedded: expires === undefined ? {} : { expires },
  };
}
