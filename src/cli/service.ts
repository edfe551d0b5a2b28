import type { Command } from 'commander';
import { Auth, type ClientOptions } from '../index.js';
import { type ApiKey, parseApiKey } from '../token/api-key.js';
import { Misuse } from './failure.js';
import type { Io } from './io.js';

/** Where the service is, as options say. */
export interface ServiceFlags {
  readonly endpoint?: string;
  readonly port?: string;
  readonly tls?: boolean;
}

export function withService(command: Command): Command {
  return command
    .option('--endpoint <host>', 'the service: a routing policy or a host (default: Ably)')
    .option('--port <port>', 'its port, where that is another one')
    .option('--no-tls', 'without TLS, for a service on this machine');
}

export function serviceOptions({ endpoint, port, tls = true }: ServiceFlags): ClientOptions {
  const number = port === undefined ? undefined : portNumber(port);
  return {
    tls,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(number === undefined ? {} : tls ? { tlsPort: number } : { port: number }),
  };
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535) return Number(text);
  throw new Misuse(`there is no port ${JSON.stringify(text)}`, 'Give a whole number from 1 to 65535.');
}

/**
 * The key, from the environment or else from standard input: as an argument everybody on the machine
 * could read it.
 *
 * @throws {Misuse} when there is none, ErrorInfo 40005 when it is malformed
 */
export async function keyFrom(io: Io): Promise<string> {
  // A variable that is set to nothing is none.
  const key = io.env.LATCHKEY_KEY?.trim() || ((await io.stdin()) ?? '').trim();
  if (key === '') {
    throw new Misuse('there is no API key', 'Put it into LATCHKEY_KEY, or write it to standard input.');
  }
  parseApiKey(key);
  return key;
}

/** The key for who can do without it: standard input is for something else then. */
export function keyInEnvironment({ env }: Io): ApiKey | undefined {
  const key = env.LATCHKEY_KEY?.trim() ?? '';
  return key === '' ? undefined : parseApiKey(key);
}

/** A client made with the key, to issue tokens with. */
export async function issuer(flags: ServiceFlags, io: Io): Promise<Auth> {
  const { clock, fetch } = io;
  // Without TLS only TokenRequests and what they are exchanged for may be sent, never the key.
  return new Auth({ key: await keyFrom(io), useTokenAuth: true, clock, fetch, ...serviceOptions(flags) });
}
