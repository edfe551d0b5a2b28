import { invalidArgument, invalidOption } from '../checks/option-checks.js';
import { addressOf } from '../platform/address.js';
import { isLoopbackHost } from '../platform/loopback.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';

/**
 * The option `fetchOrigins`. What needs no token is checked here; tokens are checked when they are used.
 * @throws {ErrorInfo} 40003
 */
export function fetchOriginsIn(
  given: unknown,
  { key, tokenRequest }: ParsedAuthOptions,
): readonly string[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0)
    throw invalidOption('fetchOrigins', 'a list of origins', given);
  if (key ?? tokenRequest)
    throw invalidArgument(
      'fetchOrigins cannot be used with a key or a TokenRequest: those are for Ably',
      'Make another Auth for your own servers, with a source of tokens for them.',
    );
  return Array.from(given, (one: unknown, index) => {
    const { origin, href, protocol, host = '' } = (typeof one === 'string' && addressOf(one)) || {};
    const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(host));
    if (isSafe && href === `${origin}/` && !host.includes('*')) return String(origin);
    throw invalidArgument(
      `fetchOrigins[${index}] must be an origin such as "https://api.example.com": https, or http on this machine, and no path or wildcard`,
    );
  });
}
