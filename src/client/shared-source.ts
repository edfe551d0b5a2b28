import type { AcquisitionRequest, AcquisitionStep } from '../../machines/acquisition.js';
import type { SourceAnswer } from '../../machines/ports.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { baseUrl, primaryHost } from '../http/hosts.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { SharedToken, SharingMembership, SharingRequest } from '../sharing/port.js';
import { stepInWords } from '../sharing/step-words.js';
import { badAnswer, readAnswer } from '../sources/answer.js';
import { hasLiteral } from '../sources/auth-options.js';
import { checkIdentity } from '../token/identity.js';
import type { TokenDetails } from '../token/token-details.js';
import { acceptFresh, timesOf } from './accept.js';
import { type AcquisitionParams, namedParams } from './acquisition-params.js';
import type { TokenAge } from './token-ages.js';
import type { TokenProvider } from './token-provider.js';

/** A token, and how old it is; undefined: it is new. */
export interface Received {
  readonly answer: SourceAnswer;
  readonly age: TokenAge | undefined;
}

/** The client whose token it may be. */
export interface Holder {
  readonly currentToken: TokenDetails | null;
  readonly actor: {
    getSnapshot(): { readonly context: { readonly current: { readonly expiresAt: number } | null } };
  };
}

/** The client that asks. */
interface Asker {
  readonly options: ParsedClientOptions;
  readonly provider: TokenProvider;
  readonly membership: SharingMembership;
  readonly client: Holder;
  askSource(request: AcquisitionRequest, signal: AbortSignal): Promise<Received>;
}

/** Gets a token together with the other members; alone for arguments of a call, and for rights that a token needs. */
export function askTogether(
  { options, provider, membership, client, askSource }: Asker,
  request: AcquisitionRequest,
  signal: AbortSignal,
  enter: (step: AcquisitionStep) => void,
): Promise<Received> {
  const terms = request.terms.expose() as AcquisitionParams;
  if (request.overrides || terms.needs !== undefined || hasLiteral(terms.authOptions))
    return askSource(request, signal);
  return membership.acquire<Received>(
    {
      purpose: purposeOf(terms, options),
      attempt: request.attempt ?? 1,
      isNewWanted: request.reason === 'authorize',
      deadlineMs: options.deadlineMs,
      held: heldBy(client, options.clock.monotonic()),
      tell(step) {
        if (step !== 'asking') options.log(`sharing: ${stepInWords(step)}`, 'debug');
        enter(step);
      },
      async fetch(own) {
        const received = await askSource(request, own);
        if (received.answer.kind === 'token') return received;
        // Others can use a token only: a TokenRequest can be exchanged once.
        enter('exchanging');
        return { answer: await provider.exchange(received.answer.request, own), age: undefined };
      },
      share: toShare,
      adopt({ details, age }) {
        const answer = readAnswer(details);
        checkIdentity(options.clientId, answer.clientId);
        if (answer.kind === 'request' || provider.isRefused(answer.token.expose().token)) throw unusable();
        // Its times must be good as well.
        acceptFresh(answer.token, options.clock, terms.tokenParams.ttl, age);
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

function heldBy({ currentToken, actor }: Holder, now: number): SharingRequest<unknown>['held'] {
  const { current } = actor.getSnapshot().context;
  if (currentToken === null || current === null) return undefined;
  return { token: currentToken.token, leftMs: current.expiresAt - now };
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
