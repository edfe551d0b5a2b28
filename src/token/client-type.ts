import { invalidOption } from '../checks/option-checks.js';
import { isDevice } from '../platform/globals.js';

/**
 * Which side of an application a client is on. An account that is billed by monthly active users counts devices.
 * @see https://ably.com/docs/platform/errors/codes/40168-sdk-version-not-mau-compatible
 */
export type ClientType = 'device' | 'server';

/**
 * What a client declares. One that says nothing is a device where users are; elsewhere it declares nothing.
 * @throws {ErrorInfo} 40003: the value is not a client type
 */
export function clientTypeIn(given: unknown): ClientType | undefined {
  const type = given ?? (isDevice() ? 'device' : undefined);
  if (type === undefined || type === 'device' || type === 'server') return type;
  throw invalidOption('clientType', "'device' or 'server'", type);
}
