import { invalidOption, method } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { callUser } from './user-callback.js';

/** How much is logged; `'none'`: nothing. Each level has those before it. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

/** Takes each line of the log. No line holds a secret. */
export type LogHandler = (message: string, level: Exclude<LogLevel, 'none'>) => void;

/** How a client logs. @see TO3b, TO3c */
export interface LogOptions {
  /**
   * Default `'warn'`: that tokens or the connection fail, at most once a minute while they do, and that
   * they are back. `'error'`: only what nothing follows after by itself.
   */
  readonly logLevel?: LogLevel;
  /** Instead of the console. */
  readonly logHandler?: LogHandler;
}

const logLevels: readonly LogLevel[] = ['none', 'error', 'warn', 'info', 'debug'];

/** What most clients have: one does for all of them. */
const defaultLog = logger('warn', toConsole);

/**
 * A log that never throws: what its handler does is no fault of the client.
 * @throws {ErrorInfo} 40003 for a level or a handler that is none
 */
export function logIn({ logLevel, logHandler }: LogOptions): LogHandler {
  if (logLevel === undefined && logHandler === undefined) return defaultLog;
  if (logLevel !== undefined && !logLevels.includes(logLevel)) {
    const wanted = logLevels.map((level) => `'${level}'`).join(', ');
    const { message } = invalidOption('logLevel', wanted, logLevel);
    // Ably's SDK counts them, in the same order.
    const meant = typeof logLevel === 'number' ? logLevels[logLevel] : undefined;
    throw new ErrorInfo({
      code: 40003,
      message,
      ...(meant === undefined ? {} : { remediation: `Use logLevel: '${meant}'.` }),
    });
  }
  return logger(logLevel ?? 'warn', method('logHandler', logHandler) ?? toConsole);
}

function logger(logLevel: LogLevel, logHandler: LogHandler): LogHandler {
  const most = logLevels.indexOf(logLevel);
  return (message, level) => {
    if (logLevels.indexOf(level) > most) return;
    // Where it fails, there is nobody to tell.
    callUser(
      () => logHandler(message, level),
      () => {},
    );
  };
}

function toConsole(message: string, level: Exclude<LogLevel, 'none'>): void {
  console[level](`latchkey: ${message}`);
}
