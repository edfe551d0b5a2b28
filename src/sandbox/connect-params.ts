import { readFormat } from './answers.js';
import { Fault } from './fault.js';
import type { Format } from './format.js';
import { checkVersion } from './protocol-version.js';

/** The parameters in a connection's address, besides its credentials. @see RTN2 */
export interface ConnectParams {
  /** The format of frames, in both directions. */
  readonly format: Format;
  /** The `clientId` in the address; null: none. */
  readonly clientId: string | null;
  /** The key of the connection to resume; null: a new connection. */
  readonly resume: string | null;
  /** Whether the connection receives its own messages. @see RTN2b */
  readonly echo: boolean;
  /** Whether the service must send HEARTBEATs, because the client cannot see pings. @see RTN23b */
  readonly heartbeats: boolean;
}

/** Reads the parameters. @throws {Fault} 40000 for an unknown format, 40012, 40017 */
export function readConnectParams(query: URLSearchParams): ConnectParams {
  const format = readFormat(query);
  checkVersion(query.get('v'));
  const clientId = query.get('clientId');
  if (clientId === '') throw new Fault('invalid client id', 'it is empty');
  return {
    format,
    clientId,
    resume: query.get('resume') ?? query.get('recover'),
    echo: query.get('echo') !== 'false',
    heartbeats: query.get('heartbeats') !== 'false',
  };
}
