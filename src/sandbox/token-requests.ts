import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenDetails } from '../token/token-details.js';
import type { Key } from './apps.js';
import { type Capabilities, capabilityText, intersect, parseCapability } from './capability.js';
import { Fault } from './fault.js';
import type { Tokens } from './tokens.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How far a TokenRequest's timestamp may be off. */
const WINDOW = 2 * MINUTE;

type Fields = Readonly<Record<string, unknown>>;

/** Exchanges TokenRequests for tokens, each once. @see https://ably.com/docs/api/token-request-spec */
export class TokenRequests {
  readonly #tokens: Tokens;
  readonly #now: () => number;
  /** Nonces used within the window, and when they may be forgotten. */
  readonly #used = new Map<string, number>();

  constructor(tokens: Tokens, now: () => number) {
    this.#tokens = tokens;
    this.#now = now;
  }

  /**
   * @param isKeyHolder whether the request came with the key itself: then it needs no signature
   * @throws {Fault}
   */
  exchange(key: Key, fields: Fields, isKeyHolder: boolean): TokenDetails {
    if (fields.keyName !== undefined && fields.keyName !== key.name)
      throw new Fault(40001, 'keyName is not that of the path');
    const timestamp = this.#checkTimestamp(fields);
    if (!isKeyHolder || fields.mac !== undefined) this.#checkSignature(key, fields, timestamp);
    const clientId = clientIdOf(fields);
    return this.#tokens.issue(key, grantedBy(key, fields.capability), ttlOf(key, fields.ttl), clientId);
  }

  #checkTimestamp(fields: Fields): string {
    const text = present(fields, 'timestamp');
    if (!/^\d+$/.test(text)) throw new Fault(40001, 'timestamp');
    if (Math.abs(Number(text) - this.#now()) > WINDOW) throw new Fault(40104);
    return text;
  }

  #checkSignature(key: Key, fields: Fields, timestamp: string): void {
    const nonce = present(fields, 'nonce');
    if (nonce.length < 16) throw new Fault(40001, 'nonce is shorter than 16 characters');
    const mac = Buffer.from(present(fields, 'mac'), 'base64');
    const isSigned = [absentAsEmpty(fields.capability), canonical(fields.capability)].some((capability) => {
      const lines = [
        key.name,
        absentAsEmpty(fields.ttl),
        capability,
        absentAsEmpty(fields.clientId),
        timestamp,
        nonce,
      ];
      const text = lines.map((line) => `${line}\n`).join('');
      const expected = createHmac('sha256', key.secret).update(text, 'utf8').digest();
      return expected.length === mac.length && timingSafeEqual(expected, mac);
    });
    if (!isSigned) throw new Fault(40101, 'the signature does not match');
    this.#useNonce(`${key.name} ${nonce} ${timestamp}`);
  }

  #useNonce(id: string): void {
    const now = this.#now();
    for (const [used, until] of this.#used) {
      if (until > now) break;
      this.#used.delete(used);
    }
    if (this.#used.has(id)) throw new Fault(40105);
    this.#used.set(id, now + 2 * WINDOW);
  }
}

function present(fields: Fields, name: string): string {
  const value = fields[name];
  if (value === undefined || value === null || value === '') throw new Fault(40001, `${name} is missing`);
  return String(value);
}

function absentAsEmpty(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function canonical(capability: unknown): string {
  if (capability === undefined || capability === null || capability === '') return '';
  return capabilityText(parseCapability(capability));
}

function grantedBy(key: Key, wanted: unknown): Capabilities {
  if (wanted === undefined || wanted === null || wanted === '') return key.capabilities;
  const granted = intersect(parseCapability(wanted), key.capabilities);
  if (granted.size === 0) throw new Fault(40160);
  return granted;
}

function ttlOf(key: Key, given: unknown): number {
  if (given === undefined || given === null || given === '') return HOUR;
  const ttl = Number(given);
  const most = key.revocableTokens ? HOUR : 24 * HOUR;
  if (!Number.isSafeInteger(ttl) || ttl <= 0 || ttl > most)
    throw new Fault(40003, `ttl is not between 1 and ${most}`);
  return ttl;
}

function clientIdOf({ clientId }: Fields): string | undefined {
  if (clientId === undefined || clientId === null) return undefined;
  if (typeof clientId !== 'string' || clientId === '') throw new Fault(40012);
  return clientId;
}
