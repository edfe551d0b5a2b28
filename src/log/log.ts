import { invalidArgument, invalidOption, method } from '../checks/option-checks.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { Reason } from '../errors/reason.js';
import { redaction } from '../errors/redaction.js';
import type { SecretStore } from '../redaction/secret-store.js';
import { callUser } from './user-callback.js';

/** How much is logged; `'none'`: nothing. Each level includes the levels before it. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

/** What a line of the log is about, for programs. It contains no secret. */
export interface LogRecord {
  /** What it is due to; absent if the line is not about a failure or a decision. */
  readonly reason?: Reason | null | undefined;
  readonly error?: ErrorInfo | null | undefined;
  /** With the level `debug`: what `auth.explain()` returned at that moment. */
  readonly decision?: object;
}

/** Receives each line of the log. A line contains no secret. */
export type LogHandler = (message: string, level: Exclude<LogLevel, 'none'>, record?: LogRecord) => void;

/** A log of a certain level. */
export interface Log extends LogHandler {
  /** Whether decisions are logged. */
  readonly isDebug?: boolean;
}

/** The log options of a client. @see TO3b, TO3c */
export interface LogOptions {
  /**
   * Default: `'warn'`, which logs that the token source or the connection fails, at most once a minute while
   * it lasts, and when it works again. `'error'` logs only failures after which the client stops trying. `'debug'`
   * logs each decision, in words, and each state of the connection.
   */
  readonly logLevel?: LogLevel;
  /** Receives the lines instead of the console. */
  readonly logHandler?: LogHandler;
}

const logLevels: readonly LogLevel[] = ['none', 'error', 'warn', 'info', 'debug'];

/**
 * Makes a log. It never throws: an error of the handler is dropped.
 * @param secrets what no line may show
 * @throws {ErrorInfo} 40003 for an invalid level or handler
 */
export function logIn({ logLevel, logHandler }: LogOptions, secrets?: SecretStore): Log {
  // Thousands of clients differ only in their secrets.
  if (logLevel === undefined && logHandler === undefined) return defaultLog.bind(secrets);
  if (logLevel !== undefined && !logLevels.includes(logLevel)) {
    const wanted = logLevels.map((level) => `'${level}'`).join(', ');
    const { message } = invalidOption('logLevel', wanted, logLevel);
    // Ably's SDK numbers the levels in the same order.
    const meant = typeof logLevel === 'number' ? logLevels[logLevel] : undefined;
    const remediation = meant && `Use logLevel: '${meant}'.`;
    throw invalidArgument(message, remediation);
  }
  const log = logger(logLevel ?? 'warn', method('logHandler', logHandler) ?? toConsole).bind(secrets);
  return logLevel === 'debug' ? Object.assign(log, { isDebug: true }) : log;
}

/** A line without secrets. Before the code for it is loaded, lines have no words of others. */
const shown = (message: string, secrets: SecretStore | undefined): string =>
  (secrets && redaction()?.redactKnown(message, secrets.all())) ?? message;

/** @returns a log whose `this` is what no line may show */
function logger(logLevel: LogLevel, logHandler: LogHandler) {
  const most = logLevels.indexOf(logLevel);
  return function (this: SecretStore | undefined, ...[message, level, record]: Parameters<LogHandler>): void {
    if (logLevels.indexOf(level) > most) return;
    // An error of the log handler itself cannot be logged.
    callUser(
      () => logHandler(shown(message, this), level, ...(record === undefined ? [] : [record])),
      () => {},
    );
  };
}

const toConsole: LogHandler = (message, level, { decision } = {}) =>
  console[level](`latchkey: ${message}`, ...(decision === undefined ? [] : [decision]));

/** What all clients without log options share. */
const defaultLog = logger('warn', toConsole);
