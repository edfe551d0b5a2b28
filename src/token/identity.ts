import { ErrorInfo } from '../errors/error-info.js';
import type { TokenMetadata } from './token-details.js';

/** An identity: a clientId; `'*'`: any client; null: anonymous; undefined: not known. */
export type Who = string | null | undefined;

/**
 * Checks a client's own clientId: any non-empty string without `*`.
 * @throws {ErrorInfo} 40012
 * @see RSA7c
 */
export function checkClientId(clientId: unknown): string {
  if (typeof clientId !== 'string') throw invalid(`is a ${typeof clientId}, not a string`);
  if (clientId === '') throw invalid('is empty');
  if (clientId.includes('*')) throw invalid("has a '*' in it");
  return clientId;
}

function invalid(what: string): ErrorInfo {
  return new ErrorInfo({ code: 40012, message: `clientId ${what}` });
}

/**
 * Whether a client made with `own` can use a token for `inToken` (RSA15a–c). It can if one of them has no
 * clientId, if the token is for any client (`'*'`), or if both are equal.
 */
export function identityFits(own: string | undefined, inToken: Who): boolean {
  return own === undefined || inToken === undefined || inToken === null || inToken === '*' || own === inToken;
}

/** The error of a token for `inToken` that a client made with `own` cannot use; null if it can. */
export function misfit(own: string | undefined, inToken: Who): ErrorInfo | null {
  if (identityFits(own, inToken)) return null;
  const message = `the token is for clientId ${shownName(inToken)}, this client is ${shownName(own)}`;
  return new ErrorInfo({ code: 40102, message });
}

/** Checks a token's identity. @throws {ErrorInfo} 40102 if the token is for another client */
export function checkIdentity(own: string | undefined, inToken: Who): void {
  const error = misfit(own, inToken);
  if (error !== null) throw error;
}

/** The error of a connection that the server confirms for another client; null if it is this client's. */
export function mistaken(own: string | undefined, confirmed: Who): ErrorInfo | null {
  if (identityFits(own, confirmed)) return null;
  const message = `the server takes this client for ${shownName(confirmed)}, it is ${shownName(own)}`;
  return new ErrorInfo({ code: 40102, message });
}

/** The client's identity (RSA7b, RSA12): its own clientId, or else the one of the token or the connection. */
export function identityOf(own: string | undefined, told: Who): string | null {
  return own ?? told ?? null;
}

/** The identity of a connection, as far as it is known. */
export interface Bearer {
  /** The identity in its token, or the one that the server confirmed. */
  readonly who: Who;
  /** The identity that was requested for its token. */
  readonly asked: Who;
}

export const nobody: Bearer = Object.freeze({ who: undefined, asked: undefined });

/**
 * Whether a token is for another client than `bearer`. A token without a clientId is, if it was requested for
 * another clientId than the previous token.
 */
export function isForAnother({ clientId }: TokenMetadata, asked: Who, bearer: Bearer): boolean {
  // A token for any client is valid for the current one.
  const named = clientId === '*' ? undefined : clientId;
  if (named !== undefined) return bearer.who !== undefined && named !== bearer.who;
  const before = bearer.asked === undefined ? bearer.who : bearer.asked;
  return asked !== undefined && asked !== '*' && before !== undefined && asked !== before;
}

/** The identity of a connection after it received this token. */
export function bearerOf({ clientId }: TokenMetadata, asked: Who, { who }: Bearer): Bearer {
  const isNamed = clientId !== undefined && !(clientId === '*' && typeof who === 'string');
  return { who: isNamed ? clientId : who, asked };
}

/** A name for a message. A long name is cut. */
function shownName(name: Who): string {
  const isLong = typeof name === 'string' && name.length > LONGEST_SHOWN;
  return isLong ? `${JSON.stringify(name.slice(0, LONGEST_SHOWN))}…` : JSON.stringify(name);
}

const LONGEST_SHOWN = 100;
