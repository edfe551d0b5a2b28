import { ErrorInfo } from '../errors/error-info.js';

/** Somebody by name; `'*'`: anybody; null: nobody; undefined: not known. */
export type Who = string | null | undefined;

/**
 * A client's own clientId: any non-empty string without `*`.
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
 * Whether a token for `inToken` fits a client made with `own` (RSA15a–c): it does if either
 * names nobody, the token is for anybody (`'*'`), or both name the same.
 */
export function identityFits(own: string | undefined, inToken: Who): boolean {
  return own === undefined || inToken === undefined || inToken === null || inToken === '*' || own === inToken;
}

/** Why a token for `inToken` does not fit a client made with `own`; null where it fits. */
export function misfit(own: string | undefined, inToken: Who): ErrorInfo | null {
  if (identityFits(own, inToken)) return null;
  const message = `the token is for clientId ${shownName(inToken)}, this client is ${shownName(own)}`;
  return new ErrorInfo({ code: 40102, message });
}

/** @throws {ErrorInfo} 40102 when the token is for somebody else. */
export function checkIdentity(own: string | undefined, inToken: Who): void {
  const error = misfit(own, inToken);
  if (error !== null) throw error;
}

/** Who the client is (RSA7b, RSA12): its own clientId, else what the token or the connection says. */
export function identityOf(own: string | undefined, told: Who): string | null {
  return own ?? told ?? null;
}

/** A name as it stands in a message: not more of it than somebody reads. */
export function shownName(name: Who): string {
  const isLong = typeof name === 'string' && name.length > LONGEST_SHOWN;
  return isLong ? `${JSON.stringify(name.slice(0, LONGEST_SHOWN))}…` : JSON.stringify(name);
}

const LONGEST_SHOWN = 100;
