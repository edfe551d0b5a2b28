import type { Key } from './apps.js';
import { Fault, type WireError } from './fault.js';
import type { Grant } from './tokens.js';

const HOUR = 3_600_000;
const MARGIN = 30_000;
const MOST_TARGETS = 100;

/** What was revoked, and from when on. */
export interface Revocation {
  readonly keyName: string;
  readonly type: string;
  readonly value: string;
  /** ms since the epoch: tokens issued before this moment. */
  readonly issuedBefore: number;
  /** ms since the epoch: refused from this moment on. */
  readonly appliesAt: number;
}

export type RevocationResult =
  | { readonly target: string; readonly issuedBefore: number; readonly appliesAt: number }
  | { readonly target: string; readonly error: WireError };

/** Revocations by `POST /keys/{keyName}/revokeTokens`. @see https://ably.com/docs/auth/revocation */
export class Revocations {
  readonly #now: () => number;
  readonly #all: Revocation[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From when on a token with this grant is refused, ms since the epoch; `Infinity`: it is not revoked. */
  appliesTo(grant: Grant): number {
    let first = Number.POSITIVE_INFINITY;
    for (const one of this.#all) if (matches(one, grant)) first = Math.min(first, one.appliesAt);
    return first;
  }

  /**
   * @returns what is said of each target, and the revocations that follow
   * @throws {Fault} when the whole request is refused
   */
  add(key: Key, fields: Readonly<Record<string, unknown>>): readonly [RevocationResult[], Revocation[]] {
    if (!key.revocableTokens) throw new Fault('token revocation is not enabled for this key');
    const { targets, allowReauthMargin } = fields;
    if (!Array.isArray(targets) || targets.length === 0 || targets.length > MOST_TARGETS) {
      throw new Fault('invalid parameter value', `targets must be a list of 1 to ${MOST_TARGETS}`);
    }
    const now = this.#now();
    // What was issued in this very millisecond was issued before the request came.
    const { issuedBefore = now } = fields;
    if (typeof issuedBefore !== 'number' || issuedBefore > now || issuedBefore < now - HOUR) {
      throw new Fault('invalid parameter value', 'issuedBefore must lie within the last hour');
    }
    const appliesAt = allowReauthMargin === true ? now + MARGIN : now;
    if (targets.some((target) => typeof target !== 'string'))
      throw new Fault('invalid parameter value', 'a target is no text');
    const results: RevocationResult[] = [];
    const added: Revocation[] = [];
    for (const target of targets as readonly string[]) {
      const [, type = '', value = ''] = /^(clientId|revocationKey|channel):(.+)$/s.exec(target) ?? [];
      if (type === '') {
        results.push({
          target,
          error: new Fault('invalid parameter value', 'unknown kind of target').toWire(),
        });
        continue;
      }
      const isNow = fields.issuedBefore === undefined;
      added.push({ keyName: key.name, type, value, issuedBefore: isNow ? now + 1 : issuedBefore, appliesAt });
      results.push({ target, issuedBefore, appliesAt });
    }
    this.#forgetOld(now);
    this.#all.push(...added);
    return [results, added];
  }

  /** What can be revoked lives for an hour: nothing it is issued before is alive two hours later. */
  #forgetOld(now: number): void {
    const kept = this.#all.filter((one) => one.appliesAt > now - 2 * HOUR);
    if (kept.length < this.#all.length) this.#all.splice(0, this.#all.length, ...kept);
  }
}

export function matches({ keyName, type, value, issuedBefore }: Revocation, grant: Grant): boolean {
  if (grant.keyName !== keyName || grant.issued === undefined || grant.issued >= issuedBefore) return false;
  if (type === 'clientId') return grant.clientId === value;
  if (type === 'revocationKey') return grant.revocationKey === value;
  return grant.capabilities.has(value);
}
