import { type Clock, ClockReading } from '../../clock.js';
import type { TokenDetails } from '../../token/token-details.js';
import type { AblyRealtime, AblyTokenDetails } from './client.js';

/** By so much the token must outlive the moment at which the SDK compares it with its clock, ms. */
const MARGIN_MS = 1_000;

/** The token that the SDK has. */
export interface HandedToken {
  /**
   * The SDK keeps this object, and reads the token from it whenever it connects. A token that was never accepted
   * is removed from it, so that the SDK does not use it after the loss of a transport.
   */
  readonly details: AblyTokenDetails;
  /** Whether the machine slept since the token was received: it may have expired unnoticed. */
  readonly hasSlept: boolean;
  /** @param token null: the SDK has no token any more */
  fill(token: TokenDetails | null): void;
}

/**
 * The token of an SDK.
 *
 * A client of the SDK that has asked for the server's time drops a token that has expired by that time (RSA4b1), and asks
 * for another, in a loop if that one seems to have expired too. Its clock may have jumped since. Latchkey takes back a
 * token that has expired, so one that is there has not.
 */
export function handedToken(client: () => AblyRealtime, clock: () => Clock): HandedToken {
  let received = 0;
  let receivedAt: ClockReading | undefined;
  const details: AblyTokenDetails = {
    token: '',
    issued: 0,
    get expires() {
      const sdk = client() as { isTimeOffsetSet?(): boolean; getTimestampUsingOffset?(): number };
      const now = sdk.isTimeOffsetSet?.() === true ? sdk.getTimestampUsingOffset?.() : undefined;
      return received === 0 || now === undefined ? received : Math.max(received, now + MARGIN_MS);
    },
    set expires(expires) {
      received = expires;
    },
    capability: '',
  };
  return {
    details,
    get hasSlept() {
      return receivedAt !== undefined && receivedAt.sleptMs > 0;
    },
    fill(given) {
      const { token, capability = '', issued = 0, expires = 0, ...names } = given ?? { token: '' };
      Object.assign(details, { token, issued, expires, capability });
      for (const name of ['clientId', 'keyName'] as const) {
        const value = names[name];
        if (typeof value === 'string') details[name] = value;
        else delete details[name];
      }
      receivedAt = given === null ? undefined : new ClockReading(clock());
    },
  };
}
