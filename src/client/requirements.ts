import { forgotten } from '../errors/closed-errors.js';
import { ErrorInfo } from '../errors/error-info.js';
import { type Capability, canonicalCapability } from '../token/capability.js';
import { lackingIn, mergeCapabilities, parseCapability, parseNeeds } from '../token/capability-cover.js';
import type { TokenDetails } from '../token/token-details.js';
import type { AcquisitionParams } from './acquisition-params.js';

/** What requirements need of the client. */
interface Authorizer {
  readonly currentToken: TokenDetails | null;
  readonly storedParams: AcquisitionParams;
  authorize(own: AcquisitionParams): Promise<TokenDetails>;
}

/** Capabilities that were required in the same turn. They are requested together. */
interface Batch {
  readonly token: Promise<TokenDetails>;
  needs: Capability;
  isDropped: boolean;
}

/**
 * @throws {ErrorInfo} 40160: the token lacks rights, which the message names. A token that does not show its
 * rights is accepted.
 */
export function checkGranted(token: TokenDetails, needs: Capability): void {
  const granted = capabilityOf(token.capability);
  const lacking = granted === undefined ? [] : lackingIn(granted, needs);
  if (lacking.length === 0) return;
  const named = lacking.map(({ resource, operation }) => `${operation} on ${JSON.stringify(resource)}`);
  throw new ErrorInfo({ code: 40160, message: `the token does not allow ${named.join(', ')}` });
}

/**
 * The rights that an app requires of its token. Requirements of the same turn share one request. A requirement
 * that comes during a request replaces that request. Rights that the token has already cost nothing.
 */
export class Requirements {
  readonly #client: Authorizer;
  #gathering: Batch | null = null;
  /** Rights that were requested, without an answer yet. */
  readonly #running = new Set<Capability>();

  constructor(client: Authorizer) {
    this.#client = client;
  }

  /** @throws {ErrorInfo} 40003: the capability is invalid */
  async add(capability: string | Capability): Promise<TokenDetails> {
    const needs = parseNeeds(capability);
    if (this.#gathering === null) {
      // The request is sent at the end of the turn, with all requirements of the turn.
      const token = Promise.resolve().then(() => this.#ask(batch));
      const batch: Batch = { needs, token, isDropped: false };
      this.#gathering = batch;
    } else {
      this.#gathering.needs = mergeCapabilities(this.#gathering.needs, needs);
    }
    return await this.#gathering.token;
  }

  /** The user signed out: the collected requirements are not requested. */
  drop(): void {
    if (this.#gathering !== null) this.#gathering.isDropped = true;
    this.#gathering = null;
  }

  async #ask(batch: Batch): Promise<TokenDetails> {
    if (batch.isDropped) throw forgotten();
    if (this.#gathering === batch) this.#gathering = null;
    const { needs } = batch;
    const { currentToken } = this.#client;
    if (currentToken !== null && this.#isGranted(currentToken, needs)) return currentToken;
    this.#running.add(needs);
    try {
      const token = await this.#client.authorize(this.#terms());
      // Another `authorize()` replaced this request, so the rights are requested in addition to it.
      return this.#isStored(needs) ? token : await this.#ask(batch);
    } finally {
      this.#running.delete(needs);
    }
  }

  /** A token that does not show its rights counts as having those that were requested. */
  #isGranted({ capability }: TokenDetails, needs: Capability): boolean {
    const granted = capabilityOf(capability);
    return granted === undefined ? this.#isStored(needs) : lackingIn(granted, needs).length === 0;
  }

  #isStored(needs: Capability): boolean {
    const stored = capabilityOf(this.#client.storedParams.tokenParams.capability);
    return stored !== undefined && lackingIn(stored, needs).length === 0;
  }

  /** The rights that were requested before (or else granted before) and the ones that are required now. */
  #terms(): AcquisitionParams {
    const { tokenParams, authOptions } = this.#client.storedParams;
    const before =
      capabilityOf(tokenParams.capability) ?? capabilityOf(this.#client.currentToken?.capability) ?? {};
    const needs = [...this.#running].reduce(mergeCapabilities, {});
    const capability = canonicalCapability(mergeCapabilities(before, needs));
    return {
      tokenParams: Object.freeze({ ...tokenParams, capability }),
      authOptions,
      areOptionsStored: true,
      needs,
    };
  }
}

/** The capability in a token. undefined: there is none, or it cannot be read. */
function capabilityOf(text: string | undefined): Capability | undefined {
  try {
    return text === undefined || text === '' ? undefined : parseCapability(text);
  } catch {
    return undefined;
  }
}
