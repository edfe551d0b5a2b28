import { ErrorInfo } from '../errors/error-info.js';

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

/** The client's identity (RSA7b, RSA12): its own clientId, or else the one of the token or the connection. */
export function identityOf(own: string | undefined, told: Who): string | null {
  return own ?? told ?? null;
}

/** A name for a message. A long name is cut. */
export function shownName(name: Who): string {
  const isLong = typeof name === 'string' && name.length > LONGEST_SHOWN;
  return isLong ? `${JSON.stringify(name.slice(0, LONGEST_SHOWN))}…` : JSON.stringify(name);
}

const LONGEST_SHOWN = 100;

/** The identity of a client, as far as it is known. @see RSA7b, RSA12, RSA15 */
export class Identity {
  readonly #own: string | undefined;
  #told: Who;

  constructor(own: string | undefined, told: Who) {
    this.#own = own;
    this.#told = told;
  }

  /** `'*'`: any clientId. null: none, or not known yet. */
  get current(): string | null {
    return identityOf(this.#own, this.#told);
  }

  /** A token or the connection says which clientId the client has. undefined: it does not say. */
  learn(told: Who): void {
    if (told !== undefined) this.#told = told;
  }
}
