import { ErrorInfo } from '../../errors/error-info.js';
import { identityFits, shownName, type Who } from '../../token/identity.js';
import type { TokenMetadata } from '../../token/token-details.js';

/** The identity of a connection, as far as it is known. */
export interface Bearer {
  /** The clientId of the token, or the one that the server confirmed. */
  readonly who: Who;
  /** The clientId that the token was requested for. */
  readonly asked: Who;
}

export const nobody: Bearer = Object.freeze({ who: undefined, asked: undefined });

/**
 * Whether a token has another identity than `bearer`. A token without a clientId has another identity if it was
 * requested for another clientId than the token before.
 */
export function isForAnother({ clientId }: TokenMetadata, asked: Who, bearer: Bearer): boolean {
  // A token for any clientId fits every identity.
  const named = clientId === '*' ? undefined : clientId;
  if (named !== undefined) return bearer.who !== undefined && named !== bearer.who;
  const before = bearer.asked === undefined ? bearer.who : bearer.asked;
  return asked !== undefined && asked !== '*' && before !== undefined && asked !== before;
}

/** The identity of a connection after it got this token. */
export function bearerOf({ clientId }: TokenMetadata, asked: Who, { who }: Bearer): Bearer {
  const isNamed = clientId !== undefined && !(clientId === '*' && typeof who === 'string');
  return { who: isNamed ? clientId : who, asked };
}

/** Why a connection that the server confirmed for `confirmed` does not fit this client. null: it fits. */
export function mistaken(own: string | undefined, confirmed: Who): ErrorInfo | null {
  if (identityFits(own, confirmed)) return null;
  const message = `the server confirmed the clientId ${shownName(confirmed)}, this client is ${shownName(own)}`;
  return new ErrorInfo({ code: 40102, message });
}
