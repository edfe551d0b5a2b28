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
    try {
      logHandler(message, level);
    } catch {
      // Nobody here can do anything about it.
    }
  };
}

function toConsole(message: string, level: Exclude<LogLevel, 'none'>): void {
  console[level](`latchkey: ${message}`);
}
