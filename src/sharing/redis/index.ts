/**
 * One token for all processes that reach the same Redis.
 *
 * @module latchkey/sharing/redis
 */
import { checkNames, invalidArgument, invalidOption } from '../../checks/option-checks.js';
import type { TokenSharing } from '../port.js';
import { type SharingOptions, shareTokens } from '../token-sharing.js';
import { type RedisClient, scriptsOf } from './client.js';
import { Encryption, type RedisSecret } from './encryption.js';
import { RedisStore } from './redis-store.js';

export type { RedisClient } from './client.js';
export type { RedisSecret } from './encryption.js';

/** Whose tokens the processes share, and how they are kept in Redis. */
export interface RedisSharingOptions extends SharingOptions {
  /**
   * What the tokens are encrypted with (AES-256-GCM): a random text of at least 32 characters, or at least 32 random
   * bytes. Only members with the same secret read each other's tokens. A list: the first encrypts, and all decrypt. To
   * change the secret, add the new one at the end everywhere, then put it first, then remove the old one.
   */
  readonly secret: RedisSecret | readonly RedisSecret[];
  /** What the keys begin with, without braces. Default: `latchkey:`. */
  readonly prefix?: string | undefined;
}

/**
 * Shares tokens between the processes that reach the same Redis: one of them asks the source, and each uses the token.
 * It needs Redis 5 or newer, or Valkey. While Redis is away, slow, or has lost its data, each client asks for itself.
 *
 * The client is yours: it is not imported here, and you connect and close it and listen for its errors. `latchkey` adds
 * no listener. A name has two keys, with one hash tag; they expire with the token. Clocks of the processes do not matter.
 *
 * @param client of the package `redis`, version 4, 5 or 6, or `ioredis`, version 5 or 6; for one Redis or a cluster
 * @throws {ErrorInfo} 40003 if the client or an option is invalid; in `new Auth()` if there is neither `session` nor
 * `clientId`
 *
 * @example
 * ```ts
 * import { createClient } from 'redis';
 * import { Auth } from 'latchkey';
 * import { redisSharing } from 'latchkey/sharing/redis';
 *
 * const client = createClient({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' });
 * client.on('error', (error) => console.error(error));
 * await client.connect();
 * const secret = process.env['SHARING_SECRET'] ?? '';
 * const sharing = redisSharing(client, { session: () => 'workers', secret });
 * const auth = new Auth({ authUrl: 'https://example.com/api/token', sharing });
 * console.log((await auth.getToken()).expires);
 * ```
 *
 * @example With ioredis
 * ```ts
 * import { Redis } from 'ioredis';
 * import { Auth } from 'latchkey';
 * import { redisSharing } from 'latchkey/sharing/redis';
 *
 * const client = new Redis('redis://localhost:6379');
 * const secret = process.env['SHARING_SECRET'] ?? '';
 * const auth = new Auth({
 *   authUrl: 'https://example.com/api/token',
 *   clientId: 'worker',
 *   sharing: redisSharing(client, { secret }),
 * });
 * console.log((await auth.getToken()).expires);
 * ```
 * @see https://redis.io/docs/latest/commands/eval/
 */
export function redisSharing(client: RedisClient, options: RedisSharingOptions): TokenSharing {
  const run = scriptsOf(client);
  checkNames(Object(options), ['session', 'secret', 'source', 'prefix']);
  const { secret, prefix = 'latchkey:', ...whose } = Object(options) as RedisSharingOptions;
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a text', prefix);
  // They would decide the slot in a cluster.
  if (/[{}]/.test(prefix)) throw invalidArgument('prefix must not contain braces');
  return shareTokens(new RedisStore(run, new Encryption(secret), prefix), whose);
}
