import { invalidArgument } from '../../checks/option-checks.js';
import type { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf } from '../../redaction/received.js';

/**
 * A client of the package `redis`, version 4, 5 or 6, or of `ioredis`, version 5 or 6; of one Redis or of a cluster. The
 * application connects it, listens for its errors and closes it.
 */
export interface RedisClient {
  /** Runs a script. Each package has its own arguments for it. */
  eval(script: never, more: never): Promise<unknown>;
}

/** Runs a script with one key. */
export type RunScript = (script: string, key: string, args: readonly string[]) => Promise<unknown>;

/**
 * Clients are known by what they have: the packages are not imported.
 * @throws {ErrorInfo} 40003: the value is not such a client, or is one of another version
 */
export function scriptsOf(client: unknown): RunScript {
  const has = (...names: readonly string[]) =>
    names.every((name) => typeof fieldOf(client, name) === 'function');
  const isIoRedis = has('eval', 'call') && typeof fieldOf(client, 'status') === 'string';
  // Version 5 was the first with the commands of Redis 7.
  if (isIoRedis && has('expiretime')) return ofIoRedis(client as IoRedis);
  const isNodeRedis = has('eval', 'EVAL') && !isIoRedis;
  if (isNodeRedis && fieldOf(client, 'masters') !== undefined)
    return ofNodeRedisCluster(client as NodeRedisCluster);
  if (isNodeRedis && has('connect')) return ofNodeRedis(withPromises(client as NodeRedis));
  if (isIoRedis) throw unfit('is of ioredis 4 or older', 'Install ioredis 5 or 6.');
  if (has('internal_send_command')) throw unfit('is of redis 3 or older', 'Install redis 4, 5 or 6.');
  if (isNodeRedis)
    throw unfit('has callbacks and no promises', 'Pass the client itself, not client.legacy().');
  if (has('then'))
    throw unfit('is a Promise', 'Pass the client: const client = createClient(); await client.connect().');
  throw unfit(
    `is ${kindOf(client)}, which is not known`,
    'Pass a client of redis 4, 5 or 6, or of ioredis 5 or 6. For another one write a store: see latchkey/sharing.',
  );
}

interface NodeRedis {
  readonly options?: { readonly legacyMode?: boolean };
  readonly v4?: NodeRedis;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

interface NodeRedisCluster {
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>;
}

interface IoRedis {
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

const ofNodeRedis =
  (client: NodeRedis): RunScript =>
  async (script, key, args) =>
    await client.eval(script, { keys: [key], arguments: [...args] });

/** `eval` of version 4 asks any server of the cluster. */
const ofNodeRedisCluster =
  (client: NodeRedisCluster): RunScript =>
  async (script, key, args) =>
    await client.sendCommand(key, false, ['EVAL', script, '1', key, ...args]);

const ofIoRedis =
  (client: IoRedis): RunScript =>
  async (script, key, args) =>
    await client.eval(script, 1, key, ...args);

/** Version 4 can have the callbacks of version 3. */
const withPromises = (client: NodeRedis): NodeRedis =>
  client.options?.legacyMode === true ? (client.v4 ?? client) : client;

const unfit = (what: string, remediation: string): ErrorInfo =>
  invalidArgument(`client ${what}`, remediation);

function kindOf(client: unknown): string {
  if (client === null || typeof client !== 'object') return client === null ? 'null' : typeof client;
  const made = fieldOf(client, 'constructor');
  const name = typeof made === 'function' ? made.name : '';
  return /^[A-Z]\w{1,40}$/.test(name) && name !== 'Object' ? `of the class ${name}` : 'an object';
}
