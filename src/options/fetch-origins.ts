import { invalidArgument, invalidOption } from '../checks/option-checks.js';
import { endConnection, isForAbly } from '../connection/made-for.js';
import type { ConnectionAdapter } from '../connection/port.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';

/** An https address without a path, or an http address of this machine. A page loads no more than that at first. */
const ORIGIN = /^(https:\/\/|http:\/\/(?=(localhost|127(\.\d+){3}|\[::1])(:|\/?$)))[^*/?#@\s\\]+\/?$/i;

/**
 * The option `fetchOrigins`. Tokens are checked when they are used.
 * @throws {ErrorInfo} 40003
 */
export function fetchOriginsIn(
  given: unknown,
  { key, tokenRequest }: ParsedAuthOptions,
): readonly string[] | undefined {
  if (given === undefined) return given;
  if (!Array.isArray(given) || given.length === 0)
    throw invalidOption('fetchOrigins', 'a list of origins', given);
  if (key ?? tokenRequest)
    throw invalidArgument('fetchOrigins cannot be used with a key or a TokenRequest, which are for Ably');
  return Array.from(given, (one: unknown, index) => {
    if (typeof one === 'string' && ORIGIN.test(one)) return one;
    throw invalidArgument(
      `fetchOrigins[${index}] must be an origin such as "https://api.example.com": https, or http on this machine, and no path or wildcard`,
    );
  });
}

/**
 * A token for one's own servers must not reach Ably.
 * @param isOwned the client made the connection
 * @throws {ErrorInfo} 40003
 */
export function checkAudience(
  origins: readonly string[] | undefined,
  connection: ConnectionAdapter | undefined,
  isOwned: boolean,
): ConnectionAdapter | undefined {
  if (origins === undefined || connection === undefined || !isForAbly(connection)) return connection;
  if (isOwned) endConnection(connection);
  throw invalidArgument('fetchOrigins cannot be used with a connection to Ably: make two clients');
}
