import type { Secret } from '../src/token/secret.js';

/**
 * Why the source is asked: there was no token yet; the token before expired, or is to be renewed; it was refused;
 * capabilities are required; or a caller asks by name.
 */
export type SourceReason = 'first' | 'renewal' | 'refused' | 'capability' | 'authorize';

/** What one acquisition is asked for. What it holds is sealed: params and options may be secret. */
export interface AcquisitionRequest {
  /** `authorize()` was called; otherwise a token is needed or due. */
  readonly byCaller: boolean;
  /** Arguments came with the call, and override what is stored. */
  readonly overrides: boolean;
  /** TokenParams and AuthOptions to use. Equal terms are the same box: whoever asks sees to that. */
  readonly terms: Secret<unknown>;
  /** Why the source is asked. Default: `authorize`. */
  readonly reason?: SourceReason;
  /** Which try in a row it is. Default: 1. */
  readonly attempt?: number;
}

/**
 * Whether a call may join an acquisition that runs by itself: it asks for the same, and nothing was handed out. The
 * acquisition is the caller's from then on.
 */
export function joins(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === false && !request.overrides && running.terms === request.terms;
}

/** Whether an acquisition running for `running` also answers `request`. */
export function answers(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === true && running.terms === request.terms;
}
