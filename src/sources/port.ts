import type { SourceReason } from '../../machines/acquisition.js';
import type { SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import type { Rest } from '../http/rest.js';
import type { FetchFunction } from '../platform/fetch.js';
import type { SecretStore } from '../redaction/secret-store.js';
import type { TokenRequestSigner } from '../signing/token-request.js';
import type { ApiKey } from '../token/api-key.js';
import type { Secret } from '../token/secret.js';
import type { ParsedTokenParams } from '../token/token-params.js';

/** Why a source is asked, and what it may need to know. */
export interface SourceCall {
  readonly reason: SourceReason;
  /** The number of this try in a row, from 1. */
  readonly attempt: number;
  /** Whether a server refused this token. */
  isRefused(token: string): boolean;
  /** The option whose function has not answered yet; undefined: none. */
  awaited?: string | undefined;
}

/** The first request of a caller. */
export const byName: SourceCall = { reason: 'authorize', attempt: 1, isRefused: () => false };

/** Gives a token, or a TokenRequest that can be exchanged for one. */
export type Source = (
  params: ParsedTokenParams,
  signal: AbortSignal,
  call: SourceCall,
) => Promise<SourceAnswer>;

/** What a source may use. `rest` and `signer` load their code when they are called, because few sources need them. */
export interface SourceServices {
  readonly clock: Clock;
  readonly fetch: FetchFunction;
  /** The secrets that no error may show. */
  readonly secrets?: SecretStore;
  /** A random number in [0, 1). Not for secrets. */
  readonly random?: () => number;
  rest(): Promise<Rest>;
  signer(key: Secret<ApiKey>): Promise<TokenRequestSigner>;
}
