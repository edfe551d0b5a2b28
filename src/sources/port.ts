import type { SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import type { Rest } from '../http/rest.js';
import type { FetchFunction } from '../platform/fetch.js';
import type { TokenRequestSigner } from '../signing/token-request.js';
import type { ApiKey } from '../token/api-key.js';
import type { Secret } from '../token/secret.js';
import type { ParsedTokenParams } from '../token/token-params.js';

/** Gives a token, or a TokenRequest that can be exchanged for one. */
export type Source = (params: ParsedTokenParams, signal: AbortSignal) => Promise<SourceAnswer>;

/** What sources work with: taken when they need it, for most need little. */
export interface SourceServices {
  readonly clock: Clock;
  readonly fetch: FetchFunction;
  /** A number in [0, 1): chance for what is no secret. */
  readonly random?: () => number;
  rest(): Promise<Rest>;
  signer(key: Secret<ApiKey>): Promise<TokenRequestSigner>;
}
