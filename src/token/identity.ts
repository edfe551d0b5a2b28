import { ErrorInfo } from '../errors.js';

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
export function identityFits(own: string | undefined, inToken: string | null | undefined): boolean {
  return own === undefined || inToken === undefined || inToken === null || inToken === '*' || own === inToken;
}

/** @throws {ErrorInfo} 40102 when the token is for somebody else. */
export function checkIdentity(own: string | undefined, inToken: string | null | undefined): void {
  if (identityFits(own, inToken)) return;
  throw new ErrorInfo({
    code: 40102,
    message: `the token is for clientId ${shownName(inToken)}, this client is ${shownName(own)}`,
  });
}

/** A name as it stands in a message: not more of it than somebody reads. */
export function shownName(name: Who): string {
  const isLong = typeof name === 'string' && name.length > LONGEST_SHOWN;
  return isLong ? `${JSON.stringify(name.slice(0, LONGEST_SHOWN))}…` : JSON.stringify(name);
}

const LONGEST_SHOWN = 100;

/** Who the client is (RSA7b, RSA12): its own clientId, else what the token or the connection says. */
export function identityOf(own: string | undefined, told: string | null | undefined): string | null {
  return own ?? told ?? null;
}
