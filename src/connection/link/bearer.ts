import { ErrorInfo } from '../../errors/error-info.js';
import { identityFits, shownName, type Who } from '../../token/identity.js';
import type { TokenMetadata } from '../../token/token-details.js';

/** Who a connection is, as far as is known. */
export interface Bearer {
  /** By its token, and by what the server says. */
  readonly who: Who;
  /** Who its token was asked for. */
  readonly asked: Who;
}

export const nobody: Bearer = Object.freeze({ who: undefined, asked: undefined });

/**
 * Whether a token is for another than `bearer`. A token that names nobody is, if it was asked for another
 * than the token before.
 */
export function isForAnother({ clientId }: TokenMetadata, asked: Who, bearer: Bearer): boolean {
  // A token for anybody is nobody else's.
  const named = clientId === '*' ? undefined : clientId;
  if (named !== undefined) return bearer.who !== undefined && named !== bearer.who;
  const before = bearer.asked === undefined ? bearer.who : bearer.asked;
  return asked !== undefined && asked !== '*' && before !== undefined && asked !== before;
}

/** Who a connection is once it has this token. */
export function bearerOf({ clientId }: TokenMetadata, asked: Who, { who }: Bearer): Bearer {
  const isNamed = clientId !== undefined && !(clientId === '*' && typeof who === 'string');
  return { who: isNamed ? clientId : who, asked };
}

/** Why a connection that the server confirms for `confirmed` is not this client's; null where it is. */
export function mistaken(own: string | undefined, confirmed: Who): ErrorInfo | null {
  if (identityFits(own, confirmed)) return null;
  const message = `the server takes this client for ${shownName(confirmed)}, it is ${shownName(own)}`;
  return new ErrorInfo({ code: 40102, message });
}
