import { readFormat } from './answers.js';
import { checkedName } from './client-id.js';
import { type ClientType, declaredType } from './client-type.js';
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
  /** Whether the client answers PINGs. @see RTN23c */
  readonly bounce: boolean;
  /** The longest silence that the client has to expect, ms. @see CD2h */
  readonly maxIdleMs: number;
  /** What the client declares to be. */
  readonly declared: ClientType | undefined;
  /** How long presence members stay after the transport was lost, ms. */
  readonly remainPresentFor: number;
}

/** The longest time, which is the default, and the shortest. @see docs/presence-occupancy/presence, "unstable-connections" */
const LONGEST_PRESENCE_MS = 15_000;
const SHORTEST_PRESENCE_MS = 1_000;

/** The usual time between two signs of life, and the range of `heartbeatInterval`. @see docs/connect, "heartbeats" */
const MAX_IDLE_MS = 15_000;
const SHORTEST_IDLE_MS = 5_000;
const LONGEST_IDLE_MS = 1_800_000;

/** Reads the parameters. @throws {Fault} 40000 for an unknown format, 40003, 40012, 40017 */
export function readConnectParams(query: URLSearchParams): ConnectParams {
  const format = readFormat(query);
  checkVersion(query.get('v'));
  const clientId = query.get('clientId');
  const heartbeats = oneOf(query, 'heartbeats', ['true', 'false', 'bounce']);
  return {
    format,
    clientId: clientId === null ? null : checkedName(clientId),
    resume: query.get('resume') ?? query.get('recover'),
    echo: oneOf(query, 'echo', ['true', 'false']) !== 'false',
    heartbeats: heartbeats !== 'false',
    bounce: heartbeats === 'bounce',
    declared: declaredType(query.get('clientType'), query.get('agent')),
    remainPresentFor: presenceTime(query),
    maxIdleMs: idleTime(query),
  };
}

/** A value of a list; null: absent. @throws {Fault} 40003 */
function oneOf(query: URLSearchParams, name: string, values: readonly string[]): string | null {
  const value = query.get(name);
  if (value === null || values.includes(value)) return value;
  throw new Fault('invalid parameter value', `${name} must be ${values.join(' or ')}`);
}

/** A time in ms. @throws {Fault} 40003 */
function time(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new Fault('invalid parameter value', `${name} must be a number of ms`);
}

function presenceTime(query: URLSearchParams): number {
  const asked = time(query, 'remainPresentFor', LONGEST_PRESENCE_MS);
  return Math.min(Math.max(asked, SHORTEST_PRESENCE_MS), LONGEST_PRESENCE_MS);
}

function idleTime(query: URLSearchParams): number {
  const asked = time(query, 'heartbeatInterval', MAX_IDLE_MS);
  if (asked >= SHORTEST_IDLE_MS && asked <= LONGEST_IDLE_MS) return asked;
  throw new Fault(
    'invalid parameter value',
    `heartbeatInterval must be ${SHORTEST_IDLE_MS} to ${LONGEST_IDLE_MS} ms`,
  );
}
