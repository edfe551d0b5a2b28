import { decodeJwt } from 'jose';
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
  return [{ kind, isEndless: jwt !== undefined && to === undefined, ...all, ...ttl }, text];
}

/** The facts in a JWT; undefined if the text is not a JWT. */
function jwtFacts(
  text: string,
): Pick<Parts, 'issued' | 'expires' | 'clientId' | 'clientType' | 'capability'> | undefined {
  if (text.split('.').length !== 3) return undefined;
  try {
    const claims = decodeJwt(text);
    const { iat, exp, 'x-ably-clientId': clientId, 'x-ably-capability': capability } = claims;
    const clientType = claims['x-ably-clientType'];
    return {
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
