import type { Secret } from '../src/token/secret.js';

/**
 * Why the source is asked: there was no token yet; the token expired, or is to be renewed; a server refused it;
 * rights are required; or a caller asks for a token.
 */
export type SourceReason = 'first' | 'renewal' | 'refused' | 'capability' | 'authorize';

/** The request of one acquisition. Params and options may be secret, so they are in a box. */
export interface AcquisitionRequest {
  /** Whether `authorize()` was called. Otherwise a token is needed or due. */
  readonly byCaller: boolean;
  /** Whether the call had arguments, which replace the stored ones. */
  readonly overrides: boolean;
  /** The TokenParams and AuthOptions. Equal parameters must be the same box. */
  readonly terms: Secret<unknown>;
  /** Why the source is asked. Default: `authorize`. */
  readonly reason?: SourceReason;
  /** The number of this try in a row. Default: 1. */
  readonly attempt?: number;
}

/**
 * Whether a call may join an acquisition that runs by itself: it asks for the same token, and no caller waits yet.
 * The acquisition counts as the caller's from then on.
 */
export function joins(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === false && !request.overrides && running.terms === request.terms;
}

/** Whether the running acquisition also answers `request`. */
export function answers(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === true && running.terms === request.terms;
}
