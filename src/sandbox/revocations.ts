import type { Key } from './apps.js';
import { Fault, type WireError } from './fault.js';
import { readRevocationRequest } from './revocation-request.js';
import type { Grant } from './tokens.js';

const HOUR = 3_600_000;

/** The highest number of revocations. A request for more is refused, because none may be forgotten. */
const MOST = 10_000;

/** The tokens that were revoked, and from when on. */
export interface Revocation {
  readonly keyName: string;
  readonly type: string;
  readonly value: string;
  /** Revokes tokens issued before this moment, ms since the epoch. */
  readonly issuedBefore: number;
  /** If the request names no moment: the order of the last token that was issued before the request. */
  readonly order?: number;
  /** Tokens are refused from this moment on, ms since the epoch. */
  readonly appliesAt: number;
}

export type RevocationResult =
  | { readonly target: string; readonly issuedBefore: number; readonly appliesAt: number }
  | { readonly target: string; readonly error: WireError };

/** Revocations by `POST /keys/{keyName}/revokeTokens`. @see https://ably.com/docs/auth/revocation */
export class Revocations {
  readonly #now: () => number;
  readonly #order: () => number;
  readonly #all: Revocation[] = [];

  /** @param order returns the order of the token that was issued last */
  constructor(now: () => number, order: () => number) {
    this.#now = now;
    this.#order = order;
  }

  /** From when on a token with this grant is refused, ms since the epoch; `Infinity`: it is not revoked. */
  appliesTo(grant: Grant): number {
    let first = Number.POSITIVE_INFINITY;
    for (const one of this.#all) if (matches(one, grant)) first = Math.min(first, one.appliesAt);
    return first;
  }

  /**
   * Adds the revocations of one request.
   *
   * @returns a result for each target, and the new revocations
   * @throws {Fault} if the whole request is refused
   */
  add(key: Key, fields: Readonly<Record<string, unknown>>): readonly [RevocationResult[], Revocation[]] {
    if (!key.revocableTokens) throw new Fault('token revocation is not enabled for this key');
    const now = this.#now();
    const { targets, issuedBefore, appliesAt } = readRevocationRequest(fields, now);
    const results: RevocationResult[] = [];
    const added: Revocation[] = [];
    for (const target of targets) {
      const [, type = '', value = ''] = /^(clientId|revocationKey|channel):(.+)$/s.exec(target) ?? [];
      if (type === '') {
        const error = new Fault('invalid parameter value', 'unknown kind of target').toWire();
        results.push({ target, error });
        continue;
      }
      // Tokens of the same millisecond are revoked too: a JWT by its time, another token by its order. A
      // token that is issued after the request stays valid.
      const before =
        issuedBefore === undefined ? { issuedBefore: now + 1, order: this.#order() } : { issuedBefore };
      added.push({ keyName: key.name, type, value, ...before, appliesAt });
      results.push({ target, issuedBefore: issuedBefore ?? now, appliesAt });
    }
    this.#forgetOld(now);
    if (this.#all.length + added.length > MOST) throw new Fault('too much at once', `${MOST} revocations`);
    this.#all.push(...added);
    return [results, added];
  }

  /** Revocable tokens live for at most an hour, so after two hours a revocation matches no valid token. */
  #forgetOld(now: number): void {
    const kept = this.#all.filter((one) => one.appliesAt > now - 2 * HOUR);
    if (kept.length < this.#all.length) this.#all.splice(0, this.#all.length, ...kept);
  }
}

export function matches(revocation: Revocation, grant: Grant): boolean {
  const { keyName, type, value } = revocation;
  if (grant.keyName !== keyName || !isBefore(revocation, grant)) return false;
  if (type === 'clientId') return grant.clientId === value;
  if (type === 'revocationKey') return grant.revocationKey === value;
  return grant.capabilities.has(value);
}

function isBefore({ issuedBefore, order }: Revocation, grant: Grant): boolean {
  if (order !== undefined && grant.order !== undefined) return grant.order <= order;
  return grant.issued !== undefined && grant.issued < issuedBefore;
}
