import { randomBytes } from 'node:crypto';
import type { TokenDetails } from '../token/token-details.js';
import type { Apps, Key } from './apps.js';
import { BoundedMap } from './bounded-map.js';
import { type Capabilities, capabilityText } from './capability.js';
import { digestOf } from './digest.js';
import { unwrap } from './embedded-token.js';
import { Fault } from './fault.js';
import { readJwt } from './jwt.js';
import { Revocations } from './revocations.js';

/** Who somebody is and what they may do, as long as it holds. */
export interface Grant {
  readonly appId: string;
  readonly keyName: string;
  readonly capabilities: Capabilities;
  /** `'*'`: anybody they say. null: nobody. */
  readonly clientId: string | null;
  /** ms since the epoch; `Infinity` for a key. */
  readonly expires: number;
  /** ms since the epoch; undefined for a key. */
  readonly issued?: number;
  /** Which one it is of those issued here, so that two of the same ms can be told apart; none of a JWT. */
  readonly order?: number;
  /** A JWT's claim, to be revoked by. */
  readonly revocationKey?: string;
}

/** When a grant ends, and of what. */
export interface End {
  /** ms since the epoch */
  readonly at: number;
  readonly why: 'token revoked' | 'token expired';
}

interface TokenRecord {
  readonly grant: Grant;
  /** Why it is refused although it has not run out. */
  ended?: End['why'];
}

/** For how long an expired token is still told from one that never was. */
const REMEMBERED_MS = 3_600_000;

/** How much all remembered tokens may weigh together, about a byte each; beyond that the oldest go. */
const MOST_WEIGHT = 64 * 1024 * 1024;
const WEIGHT_OF_ONE = 500;
const WEIGHT_OF_RESOURCE = 150;

/** Tokens issued and recognised by one sandbox. */
export class Tokens {
  readonly #apps: Apps;
  readonly #now: () => number;
  readonly revocations: Revocations;
  /** Those issued here, and the JWTs that were shown, by the digest of each. */
  readonly #records = new BoundedMap<string, TokenRecord>(MOST_WEIGHT, weightOf);
  #order = 0;

  constructor(apps: Apps, now: () => number) {
    this.#apps = apps;
    this.#now = now;
    this.revocations = new Revocations(now, () => this.#order);
  }

  issue(key: Key, capabilities: Capabilities, ttl: number, clientId: string | undefined): TokenDetails {
    const { appId, name: keyName } = key;
    const issued = this.#now();
    const token = `${appId}.${randomBytes(24).toString('base64url')}`;
    const expires = issued + ttl;
    this.#order += 1;
    const order = this.#order;
    this.#remember(token, {
      appId,
      keyName,
      capabilities,
      clientId: clientId ?? null,
      issued,
      expires,
      order,
    });
    const capability = capabilityText(capabilities);
    return { token, keyName, issued, expires, capability, ...(clientId === undefined ? {} : { clientId }) };
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#records.size;
  }

  /**
   * Who a token stands for: the one it is, or the one inside it.
   * @throws {Fault} 40141–40145: it is not, or no longer, good; 40400, 40131: nor is its app, or its key.
   */
  recognise(token: string): Grant {
    const inner = unwrap(token);
    const grant = this.#recognise(inner.token);
    const { outerExpires } = inner;
    if (outerExpires === Number.POSITIVE_INFINITY) return grant;
    if (outerExpires > grant.expires) throw new Fault('invalid JWT', 'it outlives the token inside it');
    if (this.#now() >= outerExpires) throw new Fault('token expired');
    return { ...grant, expires: outerExpires };
  }

  #recognise(token: string): Grant {
    const grant = token.split('.').length === 3 ? this.#jwt(token) : this.#issued(token);
    const ended = this.#records.get(digestOf(token))?.ended;
    if (ended !== undefined) throw new Fault(ended);
    const { at, why } = this.endOf(grant);
    if (this.#now() >= at) throw new Fault(why);
    return grant;
  }

  /** It expires, or is revoked before that. */
  endOf(grant: Grant): End {
    const revoked = this.revocations.appliesTo(grant);
    return revoked < grant.expires
      ? { at: revoked, why: 'token revoked' }
      : { at: grant.expires, why: 'token expired' };
  }

  /** Every token there is ends now. A JWT is known once it was shown. */
  expireAll(): void {
    for (const record of this.#records.values()) record.ended ??= 'token expired';
  }

  /** @param clientId only those of this client; undefined: all */
  revoke(clientId?: string): void {
    for (const record of this.#records.values()) {
      if (clientId === undefined || record.grant.clientId === clientId) record.ended = 'token revoked';
    }
  }

  #issued(token: string): Grant {
    const record = this.#records.get(digestOf(token));
    if (record === undefined) throw new Fault(token.includes('.') ? 'token unrecognized' : 'invalid token');
    // Its app may be gone, or its key.
    this.#apps.key(record.grant.keyName);
    return record.grant;
  }

  #jwt(token: string): Grant {
    const grant = readJwt(token, this.#apps, this.#now());
    if (!this.#records.has(digestOf(token))) this.#remember(token, grant);
    return grant;
  }

  #remember(token: string, grant: Grant): void {
    const oldest = this.#now() - REMEMBERED_MS;
    for (const [known, record] of this.#records) {
      if (record.grant.expires >= oldest) break;
      this.#records.delete(known);
    }
    this.#records.set(digestOf(token), { grant });
  }
}

function weightOf({ grant }: TokenRecord): number {
  let weight = WEIGHT_OF_ONE + (grant.clientId?.length ?? 0) + (grant.revocationKey?.length ?? 0);
  for (const resource of grant.capabilities.keys()) weight += WEIGHT_OF_RESOURCE + resource.length;
  return weight;
}
