import { invalidOption, method } from './option-checks.js';
import { callUser } from './user-callback.js';

/** How much is logged; `'none'`: nothing. Each level has those before it. */
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug';

/** Takes each line of the log. No line holds a secret. */
export type LogHandler = (message: string, level: Exclude<LogLevel, 'none'>) => void;

/** How a client logs. @see TO3b, TO3c */
export interface LogOptions {
  /** Default `'warn'`. */
  readonly logLevel?: LogLevel;
  /** Instead of the console. */
  readonly logHandler?: LogHandler;
}

export const logLevels: readonly LogLevel[] = ['none', 'error', 'warn', 'info', 'debug'];

/** A log that never throws: what its handler does is no fault of the client. */
export function logger({ logLevel = 'warn', logHandler = toConsole }: LogOptions): LogHandler {
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

/** @throws {ErrorInfo} 40003 for a level or a handler that cannot be */
export function parseLog({ logLevel, logHandler }: LogOptions): LogOptions {
  if (logLevel !== undefined && !logLevels.includes(logLevel)) {
    throw invalidOption('logLevel', logLevels.map((level) => `'${level}'`).join(', '), logLevel);
  }
  const handler = method('logHandler', logHandler);
  return {
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(handler === undefined ? {} : { logHandler: handler }),
  };
}
