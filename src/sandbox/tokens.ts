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

interface TokenRecord extends Grant {
  readonly token: string;
  readonly issued: number;
  expires: number;
  isRevoked: boolean;
}

/** Tokens issued and recognised by one sandbox. */
export class Tokens {
  readonly #apps: Apps;
  readonly #now: () => number;
  readonly revocations: Revocations;
  readonly #records = new Map<string, TokenRecord>();
  /** JWTs are not issued here; these were told to have ended. */
  readonly #ended = new Map<string, 40141 | 40142>();
  readonly #seenJwts = new Set<string>();

  constructor(apps: Apps, now: () => number) {
    this.#apps = apps;
    this.#now = now;
    this.revocations = new Revocations(now);
  }

  issue(key: Key, capabilities: Capabilities, ttl: number, clientId: string | undefined): TokenDetails {
    const issued = this.#now();
    const token = `${key.appId}.${randomBytes(24).toString('base64url')}`;
    const expires = issued + ttl;
    this.#records.set(token, {
      token,
      appId: key.appId,
      keyName: key.name,
      capabilities,
      clientId: clientId ?? null,
      issued,
      expires,
      isRevoked: false,
    });
    return {
      token,
      keyName: key.name,
      issued,
      expires,
      capability: capabilityText(capabilities),
      ...(clientId === undefined ? {} : { clientId }),
    };
  }

  /** @throws {Fault} 40141–40145: the token is not, or no longer, good. */
  recognise(token: string): Grant {
    const grant = token.split('.').length === 3 ? this.#recogniseJwt(token) : this.#recogniseOwn(token);
    if (this.revocations.covers(grant)) throw new Fault(40141);
    return grant;
  }

  #recogniseOwn(token: string): Grant {
    const record = this.#records.get(token);
    if (record === undefined) throw new Fault(token.includes('.') ? 40143 : 40145);
    if (record.isRevoked) throw new Fault(40141);
    if (this.#now() >= record.expires) throw new Fault(40142);
    return record;
  }

  /** Every token there is ends now. */
  expireAll(): void {
    for (const record of this.#records.values()) record.expires = Math.min(record.expires, this.#now());
    for (const token of this.#seenJwts) this.#ended.set(token, 40142);
  }

  /** @param clientId only those of this client; undefined: all */
  revoke(clientId?: string): void {
    for (const record of this.#records.values()) {
      if (clientId === undefined || record.clientId === clientId) record.isRevoked = true;
    }
    if (clientId === undefined) for (const token of this.#seenJwts) this.#ended.set(token, 40141);
  }

  #recogniseJwt(token: string): Grant {
    const ended = this.#ended.get(token);
    if (ended !== undefined) throw new Fault(ended);
    const grant = readJwt(token, this.#apps, this.#now());
    this.#seenJwts.add(token);
    return grant;
  }
}
