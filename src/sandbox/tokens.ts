import { randomText } from '#sandbox-bytes';
import type { TokenDetails } from '../token/token-details.js';
import type { Apps, Key } from './apps.js';
import { BoundedMap } from './bounded-map.js';
import { type Capabilities, capabilityText } from './capability.js';
import type { ClientType } from './client-type.js';
import { digestOf } from './digest.js';
import { unwrap } from './embedded-token.js';
import { Fault } from './fault.js';
import { readJwt } from './jwt.js';
import { Revocations } from './revocations.js';

/** The identity and the rights of a client, and how long they are valid. */
export interface Grant {
  readonly appId: string;
  readonly keyName: string;
  readonly capabilities: Capabilities;
  /** `'*'`: any client. null: anonymous. */
  readonly clientId: string | null;
  /** ms since the epoch; `Infinity` for a key. */
  readonly expires: number;
  /** ms since the epoch; undefined for a key. */
  readonly issued?: number;
  /** The order of issue, to tell apart tokens of the same millisecond; absent for a JWT. */
  readonly order?: number;
  /** The claim of a JWT that says what the client is. */
  readonly clientType?: ClientType;
  /** The claim of a JWT by which it can be revoked. */
  readonly revocationKey?: string;
}

/** When and why a grant ends. */
export interface End {
  /** ms since the epoch */
  readonly at: number;
  readonly why: 'token revoked' | 'token expired';
}

interface TokenRecord {
  readonly grant: Grant;
  /** Why the token is refused before its expiry. */
  ended?: End['why'];
}

/** How long an expired token is remembered, ms: until then the error is 40142 and not 40143. */
const REMEMBERED_MS = 3_600_000;

/** The highest weight of all remembered tokens, about a byte each; beyond it the oldest are forgotten. */
const MOST_WEIGHT = 64 * 1024 * 1024;
const WEIGHT_OF_ONE = 500;
const WEIGHT_OF_RESOURCE = 150;

/** The form of an Ably Token. A text of another form is refused with 40005; docs/sandbox.md has the reason. */
const TOKEN_FORM = /^[\w-]+\.[\x21-\x7e]+$/;

/** The tokens that one sandbox issues and recognises. */
export class Tokens {
  readonly #apps: Apps;
  readonly #now: () => number;
  readonly revocations: Revocations;
  /** The issued tokens, and the JWTs that were used, by their digests. */
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
    const token = `${appId}.${randomText(24)}`;
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
   * The grant of a token, or of the token embedded in it.
   * @throws {Fault} 40005: it is neither an Ably Token nor a JWT; 40141–40144: it is invalid or ended; 40400, 40131: its app or its key is unknown or revoked
   */
  recognise(token: string): Grant {
    const inner = unwrap(token);
    const grant = this.#recognise(inner.token);
    const { outerExpires } = inner;
    if (outerExpires === Number.POSITIVE_INFINITY) return grant;
    if (outerExpires > grant.expires)
      throw new Fault('invalid JWT', 'it must not outlive its embedded token');
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

  /** When the grant ends: by expiry, or earlier by revocation. */
  endOf(grant: Grant): End {
    const revoked = this.revocations.appliesTo(grant);
    return revoked < grant.expires
      ? { at: revoked, why: 'token revoked' }
      : { at: grant.expires, why: 'token expired' };
  }

  /** Makes every token expire now. A JWT is known after its first use. */
  expireAll(): void {
    for (const record of this.#records.values()) record.ended ??= 'token expired';
  }

  /**
   * Revokes tokens.
   * @param clientId only tokens of this client; undefined: all tokens
   */
  revoke(clientId?: string): void {
    for (const record of this.#records.values()) {
      if (clientId === undefined || record.grant.clientId === clientId) record.ended = 'token revoked';
    }
  }

  #issued(token: string): Grant {
    const record = this.#records.get(digestOf(token));
    if (record === undefined)
      throw TOKEN_FORM.test(token)
        ? new Fault('token unrecognized')
        : new Fault('invalid accessToken in request', 'it must be appId.text, or a JWT');
    // The app or the key of the token may be deleted or revoked.
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
