import type { AcquisitionRequest } from '../../machines/acquisition.js';
import type { SourceAnswer } from '../../machines/ports.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { baseUrl, primaryHost } from '../http/hosts.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { SharedToken, SharingMembership, SharingRequest } from '../sharing/port.js';
import { badAnswer, readAnswer } from '../sources/answer.js';
import { hasLiteral } from '../sources/auth-options.js';
import { checkIdentity } from '../token/identity.js';
import { timesOf } from './accept.js';
import { type AcquisitionParams, namedParams } from './acquisition-params.js';
import type { TokenAge } from './token-ages.js';
import type { TokenProvider } from './token-provider.js';

/** A token, and how old it is; undefined: it is new. */
export interface Received {
  readonly answer: SourceAnswer;
  readonly age: TokenAge | undefined;
}

/** Whether other members may have the token, and theirs do: not for arguments of a call, nor for rights it needs. */
export const isShareable = (
  request: AcquisitionRequest,
  { authOptions, needs }: AcquisitionParams,
): boolean => !request.overrides && needs === undefined && !hasLiteral(authOptions);

/** Gets a token together with the other members. */
export function askTogether(
  membership: SharingMembership,
  provider: TokenProvider,
  options: ParsedClientOptions,
  asked: Pick<SharingRequest<Received>, 'held' | 'fetch' | 'tell'> & {
    readonly request: AcquisitionRequest;
    readonly terms: AcquisitionParams;
  },
  signal: AbortSignal,
): Promise<Received> {
  const { request, terms, held, fetch, tell } = asked;
  return membership.acquire<Received>(
    {
      purpose: purposeOf(terms, options),
      isNewWanted: request.reason === 'authorize',
      deadlineMs: options.deadlineMs,
      held,
      fetch,
      tell,
      share: (own) => toShare(own),
      adopt: ({ details, age }) => {
        const answer = readAnswer(details);
        checkIdentity(options.clientId, answer.clientId);
        if (answer.kind === 'request' || provider.isRefused(answer.token.expose().token)) throw unusable();
        return { answer: provider.noted(answer), age };
      },
    },
    signal,
  );
}

/** Clients with the same purpose ask the same source for the same rights. Its text is never shown: it becomes a hash. */
function purposeOf(
  { authOptions: { authCallback, authUrl, authMethod, authParams, key }, tokenParams }: AcquisitionParams,
  { clientId, hosts }: ParsedClientOptions,
): string {
  const fields = authParams.expose();
  const source =
    authCallback !== undefined
      ? 'authCallback'
      : [authUrl?.expose() ?? key?.expose().name, authMethod, typeof fields === 'function' ? null : fields];
  const { timestamp: _once, nonce: _used, ...params } = namedParams(tokenParams, clientId);
  return JSON.stringify([source, baseUrl(primaryHost(hosts), hosts), Object.entries(params).sort()]);
}

const unusable = (): ErrorInfo => badAnswer('of another client gave no usable token');

/** @throws {ErrorInfo} 40170: a TokenRequest was exchanged for another one */
function toShare({ answer, age }: Received): SharedToken {
  if (answer.kind === 'request') throw unusable();
  const details = answer.token.expose();
  if (age !== undefined) return { details, age };
  const { issued, expires } = timesOf(details);
  if (issued === undefined || expires === undefined) return { details };
  return { details, age: { lifetimeMs: expires - issued, ageMs: 0, oldestMs: 0 } };
}
