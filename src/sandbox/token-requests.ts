import { fromBase64, hmacOf, isSame } from '#sandbox-bytes';
import type { TokenDetails } from '../token/token-details.js';
import { type Key, longestLife } from './apps.js';
import { BoundedMap } from './bounded-map.js';
import { type Capabilities, parseCapability } from './capability.js';
import { intersect } from './capability-patterns.js';
import { digestOf } from './digest.js';
import { Fault } from './fault.js';
import {
  type Fields,
  readTokenRequest,
  signedCapabilities,
  type TokenRequestFields,
} from './token-request-fields.js';
import type { Tokens } from './tokens.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How far the timestamp of a TokenRequest may differ from the service's time, ms. */
const WINDOW = 2 * MINUTE;
const SHORTEST_NONCE = 16;

/** The highest number of nonces; beyond it the oldest ones are forgotten early. */
const MOST_NONCES = 100_000;

/**
 * Exchanges TokenRequests for tokens, each TokenRequest once.
 * @see https://ably.com/docs/api/token-request-spec
 */
export class TokenRequests {
  readonly #tokens: Tokens;
  readonly #now: () => number;
  /** Digests of used nonces, with the timestamps of their TokenRequests. */
  readonly #used = new BoundedMap<string, number>(MOST_NONCES);

  constructor(tokens: Tokens, now: () => number) {
    this.#tokens = tokens;
    this.#now = now;
  }

  /**
   * Exchanges a TokenRequest for a token.
   *
   * @param holder the key of the HTTP request, if it has one: then the TokenRequest needs no signature
   * @throws {Fault}
   */
  exchange(key: Key, fields: Fields, holder: Key | undefined): TokenDetails {
    const request = readTokenRequest(fields);
    if (request.keyName !== key.name)
      throw new Fault('invalid request body', 'keyName must be the one in the path');
    if (Math.abs(Number(request.timestamp) - this.#now()) > WINDOW) throw new Fault('timestamp not current');
    this.#checkAuthority(key, request, holder);
    const ttl = ttlOf(key, request.ttl);
    return this.#tokens.issue(key, grantedBy(key, request.capability), ttl, request.clientId);
  }

  #checkAuthority(key: Key, request: TokenRequestFields, holder: Key | undefined): void {
    const { nonce, mac } = request;
    if (mac === undefined && nonce === undefined) {
      if (holder === undefined)
        throw new Fault('no credentials', 'the TokenRequest must be signed, or sent with the key');
      if (holder.name !== key.name)
        throw new Fault('incompatible credentials', 'the key must be the one in the path');
      return;
    }
    if (mac === undefined) {
      if (holder?.name === key.name) return;
      throw new Fault('invalid request body', 'mac is missing');
    }
    if (nonce === undefined) throw new Fault('invalid request body', 'nonce is missing');
    if (nonce.length < SHORTEST_NONCE)
      throw new Fault('invalid request body', `nonce must have at least ${SHORTEST_NONCE} characters`);
    if (!isSigned(key, request, nonce, mac)) throw new Fault('mac does not match');
    this.#useUp(digestOf(`${key.name} ${nonce} ${request.timestamp}`), Number(request.timestamp));
  }

  /** A nonce is remembered as long as its timestamp is accepted, to the millisecond. */
  #useUp(id: string, timestamp: number): void {
    const oldest = this.#now() - WINDOW;
    for (const [used, at] of this.#used) {
      if (at >= oldest) break;
      this.#used.delete(used);
    }
    if (this.#used.has(id)) throw new Fault('nonce value replayed');
    this.#used.set(id, timestamp);
  }

  get remembered(): number {
    return this.#used.size;
  }
}

/** An absent field is an empty line; the last line ends with a line break too. */
function isSigned(key: Key, request: TokenRequestFields, nonce: string, mac: string): boolean {
  const { ttl = '', clientId = '', timestamp } = request;
  const given = fromBase64(mac);
  return signedCapabilities(request.capability).some((capability) => {
    const lines = [key.name, ttl, capability, clientId, timestamp, nonce, ''];
    return isSame(hmacOf(key.secret, lines.join('\n')), given);
  });
}

/** Without a requested capability, the token has all rights of the key (RSA6). */
function grantedBy(key: Key, wanted: unknown): Capabilities {
  if (wanted === undefined) return key.capabilities;
  const granted = intersect(parseCapability(wanted), key.capabilities);
  if (granted.size === 0) throw new Fault('operation not permitted with provided capability');
  return granted;
}

function ttlOf(key: Key, given: string | undefined): number {
  if (given === undefined) return HOUR;
  const ttl = Number(given);
  const most = longestLife(key);
  if (ttl <= 0 || ttl > most) throw new Fault('invalid parameter value', `ttl must be from 1 to ${most} ms`);
  return ttl;
}
