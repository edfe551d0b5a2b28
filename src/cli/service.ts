import type { Command } from 'commander';
import { Auth, type ClientOptions } from '../index.js';
import { type ApiKey, parseApiKey } from '../token/api-key.js';
import { Misuse } from './failure.js';
import type { Io } from './io.js';
import { portFrom } from './port.js';

/** The options that say where the service is. */
export interface ServiceFlags {
  readonly endpoint?: string;
  readonly port?: string;
  readonly tls?: boolean;
}

export function withService(command: Command): Command {
  return command
    .option('--endpoint <host>', 'the service: a routing policy or a host (default: Ably)')
    .option('--port <port>', 'the port of the service (default: 443, or 80 without TLS)')
    .option('--no-tls', 'connect without TLS, for a service on this machine');
}

export function serviceOptions({ endpoint, port, tls = true }: ServiceFlags): ClientOptions {
  const number = port === undefined ? undefined : portFrom(port, 1);
  return {
    tls,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(number === undefined ? {} : tls ? { tlsPort: number } : { port: number }),
  };
}

/**
 * The key, from the environment or from standard input. As an argument, every user of the machine could read
 * it.
 *
 * @throws {Misuse} if there is none; ErrorInfo 40005 if it is malformed
 */
export async function keyFrom(io: Io): Promise<string> {
  // An empty variable counts as absent.
  const key = io.env.LATCHKEY_KEY?.trim() || ((await io.stdin()) ?? '').trim();
  if (key === '') {
    throw new Misuse('the API key is missing', 'Put it into LATCHKEY_KEY, or write it to standard input.');
  }
  parseApiKey(key);
  return key;
}

/** The key from the environment, for commands that work without one and read other data from standard input. */
export function keyInEnvironment({ env }: Io): ApiKey | undefined {
  const key = env.LATCHKEY_KEY?.trim() ?? '';
  return key === '' ? undefined : parseApiKey(key);
}

/** A client that issues tokens with the key. */
export async function issuer(flags: ServiceFlags, io: Io): Promise<Auth> {
  const { clock, fetch } = io;
  // Without TLS the client sends only TokenRequests and tokens, never the key.
  return new Auth({ key: await keyFrom(io), useTokenAuth: true, clock, fetch, ...serviceOptions(flags) });
}
