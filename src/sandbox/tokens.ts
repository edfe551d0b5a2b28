import { randomBytes } from 'node:crypto';
import type { TokenDetails } from '../token/token-details.js';
import type { Apps, Key } from './apps.js';
import { type Capabilities, capabilityText } from './capability.js';
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
  /** A JWT's claim, to be revoked by. */
  readonly revocationKey?: string;
}

/** When a grant ends, and of what. */
export interface End {
  /** ms since the epoch */
  readonly at: number;
  readonly code: 40141 | 40142;
}

interface TokenRecord {
  readonly grant: Grant;
  /** Why it is refused although it has not run out. */
  ended?: End['code'];
}

/** For how long an expired token is still told from one that never was. */
const REMEMBERED_MS = 3_600_000;

/** Tokens issued and recognised by one sandbox. */
export class Tokens {
  readonly #apps: Apps;
  readonly #now: () => number;
  readonly revocations: Revocations;
  /** Those issued here, and the JWTs that were shown. */
  readonly #records = new Map<string, TokenRecord>();

  constructor(apps: Apps, now: () => number) {
    this.#apps = apps;
    this.#now = now;
    this.revocations = new Revocations(now);
  }

  issue(key: Key, capabilities: Capabilities, ttl: number, clientId: string | undefined): TokenDetails {
    const { appId, name: keyName } = key;
    const issued = this.#now();
    const token = `${appId}.${randomBytes(24).toString('base64url')}`;
    const expires = issued + ttl;
    this.#remember(token, { appId, keyName, capabilities, clientId: clientId ?? null, issued, expires });
    const capability = capabilityText(capabilities);
    return { token, keyName, issued, expires, capability, ...(clientId === undefined ? {} : { clientId }) };
  }

  /** @throws {Fault} 40141–40145: the token is not, or no longer, good; 40400: nor is its app. */
  recognise(token: string): Grant {
    const parts = token.split('.').length;
    if (parts > 3) throw new Fault(40144, 'it is encrypted, or embeds another');
    const grant = parts === 3 ? this.#jwt(token) : this.#issued(token);
    const ended = this.#records.get(token)?.ended;
    if (ended !== undefined) throw new Fault(ended);
    const { at, code } = this.endOf(grant);
    if (this.#now() >= at) throw new Fault(code);
    return grant;
  }

  /** It expires, or is revoked before that. */
  endOf(grant: Grant): End {
    const revoked = this.revocations.appliesTo(grant);
    return revoked < grant.expires ? { at: revoked, code: 40141 } : { at: grant.expires, code: 40142 };
  }

  /** Every token there is ends now. A JWT is known once it was shown. */
  expireAll(): void {
    for (const record of this.#records.values()) record.ended ??= 40142;
  }

  /** @param clientId only those of this client; undefined: all */
  revoke(clientId?: string): void {
    for (const record of this.#records.values()) {
      if (clientId === undefined || record.grant.clientId === clientId) record.ended = 40141;
    }
  }

  #issued(token: string): Grant {
    const record = this.#records.get(token);
    if (record === undefined) throw new Fault(token.includes('.') ? 40143 : 40145);
    // Its app may be gone.
    this.#apps.key(record.grant.keyName);
    return record.grant;
  }

  #jwt(token: string): Grant {
    const grant = readJwt(token, this.#apps, this.#now());
    if (!this.#records.has(token)) this.#remember(token, grant);
    return grant;
  }

  #remember(token: string, grant: Grant): void {
    const oldest = this.#now() - REMEMBERED_MS;
    for (const [known, record] of this.#records) {
      if (record.grant.expires >= oldest) break;
      this.#records.delete(known);
    }
    this.#records.set(token, { grant });
  }
}
