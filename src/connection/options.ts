import { WebSocketImpl } from '#websocket';
import { type Clock, systemClock } from '../clock.js';
import { ErrorInfo } from '../errors.js';
import { checkHosts } from '../http/hosts.js';
import type { InspectionTarget } from '../inspect.js';
import { checkNames, flag, invalidOption, method, wholeNumber } from '../option-checks.js';
import { checkClientId } from '../token/identity.js';
import { realtimeBase, type UrlOptions } from './url.js';
import type { WebSocketClass } from './websocket.js';

/** How a {@link RealtimeConnection} is made. Times are whole ms. Tokens come from the Auth it serves. */
export interface RealtimeConnectionOptions extends UrlOptions {
  /** Connect as soon as an Auth is there to give a token. Default true. @see RTC1b */
  readonly autoConnect?: boolean;
  /** For each answer of the server, and for opening a transport. Default 10,000. @see TO3l11 */
  readonly realtimeRequestTimeout?: number;
  /** Between tries to connect, while the server keeps the connection. Default 15,000. @see TO3l1 */
  readonly disconnectedRetryTimeout?: number;
  /** Between tries to connect, after that. Default 30,000. @see TO3l2 */
  readonly suspendedRetryTimeout?: number;
  /** How long the server keeps a lost connection, until it says otherwise. Default 120,000. @see DF1a */
  readonly connectionStateTtl?: number;
  /** Instead of the platform's. */
  readonly WebSocket?: WebSocketClass;
  /** Instead of the machine's own clock. */
  readonly clock?: Clock;
  /** Instead of `Math.random`: a number in [0, 1). Spreads reconnections, and nothing else. */
  readonly random?: () => number;
  /** An XState inspector, or any function that takes inspection events. Nothing secret reaches it. */
  readonly inspect?: InspectionTarget;
}

/** Checked, copied and defaulted options. */
export interface ParsedConnectionOptions {
  readonly url: UrlOptions;
  readonly autoConnect: boolean;
  readonly times: {
    readonly requestTimeoutMs: number;
    readonly disconnectedRetryMs: number;
    readonly suspendedRetryMs: number;
    readonly stateTtlMs: number;
  };
  readonly WebSocket: WebSocketClass;
  readonly clock: Clock;
  readonly random: () => number;
  readonly inspect: InspectionTarget | undefined;
}

const urlNames = [
  'endpoint',
  'restHost',
  'realtimeHost',
  'port',
  'tlsPort',
  'tls',
  'clientId',
  'echoMessages',
  'agent',
  'transportParams',
] as const satisfies readonly (keyof UrlOptions)[];

const names: readonly string[] = [
  ...urlNames,
  'autoConnect',
  'realtimeRequestTimeout',
  'disconnectedRetryTimeout',
  'suspendedRetryTimeout',
  'connectionStateTtl',
  'WebSocket',
  'clock',
  'random',
  'inspect',
];

/** What belongs to the Auth, not to the connection. */
const authNames: readonly string[] = ['key', 'token', 'tokenDetails', 'authCallback', 'authUrl'];

/** @throws {ErrorInfo} 40003, 40012 */
export function parseConnectionOptions(given: RealtimeConnectionOptions): ParsedConnectionOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidOption('options', 'an object', given);
  }
  checkOwnNames(given);
  const { autoConnect, clock = systemClock, inspect } = given;
  return Object.freeze({
    url: parseUrlOptions(given),
    autoConnect: flag('autoConnect', autoConnect) ?? true,
    times: Object.freeze({
      requestTimeoutMs: wholeNumber('realtimeRequestTimeout', given.realtimeRequestTimeout) ?? 10_000,
      disconnectedRetryMs: wholeNumber('disconnectedRetryTimeout', given.disconnectedRetryTimeout) ?? 15_000,
      suspendedRetryMs: wholeNumber('suspendedRetryTimeout', given.suspendedRetryTimeout) ?? 30_000,
      stateTtlMs: wholeNumber('connectionStateTtl', given.connectionStateTtl) ?? 120_000,
    }),
    WebSocket: webSocketClass(given.WebSocket),
    clock,
    random: method('random', given.random) ?? Math.random,
    inspect,
  });
}

function parseUrlOptions(given: RealtimeConnectionOptions): UrlOptions {
  const { clientId, transportParams } = given;
  wholeNumber('port', given.port, 65_535);
  wholeNumber('tlsPort', given.tlsPort, 65_535);
  flag('tls', given.tls);
  flag('echoMessages', given.echoMessages);
  if (given.agent !== undefined && typeof given.agent !== 'string')
    throw invalidOption('agent', 'a string', given.agent);
  if (transportParams !== undefined && (typeof transportParams !== 'object' || transportParams === null)) {
    throw invalidOption('transportParams', 'an object', transportParams);
  }
  if (clientId !== undefined && clientId !== null) checkClientId(clientId);
  const url: UrlOptions = Object.fromEntries(
    urlNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  checkHosts(url);
  try {
    realtimeBase(url);
  } catch {
    throw invalidOption('endpoint', 'the name of a host', given.endpoint);
  }
  return Object.freeze(
    transportParams === undefined ? url : { ...url, transportParams: { ...transportParams } },
  );
}

/** What belongs to the Auth is told to go there. */
function checkOwnNames(given: object): void {
  const misplaced = Object.keys(given).find((name) => authNames.includes(name));
  if (misplaced === undefined) {
    checkNames(given, names);
    return;
  }
  throw new ErrorInfo({
    code: 40003,
    message: `unknown option ${JSON.stringify(misplaced)}`,
    remediation: 'A connection gets its tokens from an Auth: new Auth({ …, connection }).',
  });
}

function webSocketClass(given: WebSocketClass | undefined): WebSocketClass {
  const found = method('WebSocket', given) ?? WebSocketImpl;
  if (found !== undefined) return found;
  throw new ErrorInfo({
    code: 40003,
    message: 'there is no WebSocket on this platform',
    remediation: 'Give a class like the WHATWG WebSocket as option WebSocket.',
  });
}
