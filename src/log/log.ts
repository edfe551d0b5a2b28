import { invalidOption, method } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { SecretStore } from '../redaction/secret-store.js';
import { callUser } from './user-callback.js';

/** How much is logged; `'none'`: nothing. Each level includes the levels before it. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

/** Receives each line of the log. A line contains no secret. */
export type LogHandler = (message: string, level: Exclude<LogLevel, 'none'>) => void;

/** The log options of a client. @see TO3b, TO3c */
export interface LogOptions {
  /**
   * Default: `'warn'`, which logs that the token source or the connection fails, at most once a minute while
   * it lasts, and when it works again. `'error'` logs only failures after which the client stops trying.
   */
  readonly logLevel?: LogLevel;
  /** Receives the lines instead of the console. */
  readonly logHandler?: LogHandler;
}

const logLevels: readonly LogLevel[] = ['none', 'error', 'warn', 'info', 'debug'];

/** The default log, shared by all clients. */
const defaultLog = logger('warn', toConsole);

/**
 * Makes a log. It never throws: an error of the handler is dropped.
 * @param secrets what no line may show
 * @throws {ErrorInfo} 40003 for an invalid level or handler
 */
export function logIn({ logLevel, logHandler }: LogOptions, secrets?: SecretStore): LogHandler {
  if (logLevel === undefined && logHandler === undefined && secrets === undefined) return defaultLog;
  if (logLevel !== undefined && !logLevels.includes(logLevel)) {
    const wanted = logLevels.map((level) => `'${level}'`).join(', ');
    const { message } = invalidOption('logLevel', wanted, logLevel);
    // Ably's SDK numbers the levels in the same order.
    const meant = typeof logLevel === 'number' ? logLevels[logLevel] : undefined;
    throw new ErrorInfo({
      code: 40003,
      message,
      ...(meant === undefined ? {} : { remediation: `Use logLevel: '${meant}'.` }),
    });
  }
  return logger(logLevel ?? 'warn', method('logHandler', logHandler) ?? toConsole, secrets);
}

function logger(logLevel: LogLevel, logHandler: LogHandler, secrets?: SecretStore): LogHandler {
  const most = logLevels.indexOf(logLevel);
  return (message, level) => {
    if (logLevels.indexOf(level) > most) return;
    // An error of the log handler itself cannot be logged.
    callUser(
      () => logHandler(secrets?.hide(message) ?? message, level),
      () => {},
    );
  };
}

function toConsole(message: string, level: Exclude<LogLevel, 'none'>): void {
  console[level](`latchkey: ${message}`);
}
