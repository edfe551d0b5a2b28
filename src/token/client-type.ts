import { invalidOption } from '../checks/option-checks.js';
import { isDevice } from '../platform/globals.js';

/**
 * Which side of an application a client is on. An account that is billed by monthly active users counts devices.
 * @see https://ably.com/docs/platform/errors/codes/40168-sdk-version-not-mau-compatible
 */
export type ClientType = 'device' | 'server';

/** @throws {ErrorInfo} 40003: the value is not a client type */
export function checkClientType(given: unknown): ClientType | undefined {
  if (given === undefined || given === 'device' || given === 'server') return given;
  throw invalidOption('clientType', "'device' or 'server'", given);
}

/** What a client is that does not say it. undefined: it declares nothing. */
export const usualClientType = (): ClientType | undefined => (isDevice() ? 'device' : undefined);
