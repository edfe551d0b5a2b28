import type { SourceAnswer } from '../../machines/ports.js';
import type { Clock } from '../clock.js';
import type { Rest } from '../http/rest.js';
import type { ApiKey } from '../token/api-key.js';
import type { Sealed } from '../token/sealed.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import type { TokenRequest } from '../token/token-request.js';

/** Gives a token, or a TokenRequest that can be exchanged for one. */
export type Source = (params: ParsedTokenParams, signal: AbortSignal) => Promise<SourceAnswer>;

/** What sources work with: taken when they need it, for most need little. */
export interface SourceServices {
  readonly rest: Rest;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  sign(key: Sealed<ApiKey>): (params: ParsedTokenParams, timestamp: number) => TokenRequest;
}
