import { readFormat } from './answers.js';
import { Fault } from './fault.js';
import type { Format } from './format.js';
import { checkVersion } from './protocol-version.js';

/** What a client asks for in its connection's address, besides its credentials. @see RTN2 */
export interface ConnectParams {
  /** How frames are written, in both directions. */
  readonly format: Format;
  /** The name the client gives itself; null: none. */
  readonly clientId: string | null;
  /** The connection key of a connection to go on with; null: a new one. */
  readonly resume: string | null;
  /** Whether the client wants to hear what it publishes itself. @see RTN2b */
  readonly echo: boolean;
  /** Whether it must be sent HEARTBEATs, because it cannot see pings. @see RTN23b */
  readonly heartbeats: boolean;
}

/** @throws {Fault} 40000 for a format that is not spoken here, 40012, 40017 */
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
