import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { type Paint, plain } from './colour.js';
import { shown, shownJson } from './terminal-text.js';

/** The exit codes of the command. */
export const exitCodes = {
  done: 0,
  /** The service or the endpoint refused, failed, or could not be reached. */
  failed: 1,
  /** The arguments are wrong, or the key is missing. */
  misused: 2,
  /** A problem was found. */
  found: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A wrong use of a command. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** A command that did what was asked without success. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The codes of invalid values, found by Latchkey or by the service. */
const MISUSE_CODES = new Set([40003, 40005, 40012, 40103]);

export function exitCodeOf(fault: unknown): ExitCode {
  if (fault instanceof Misuse) return exitCodes.misused;
  return isOwnError(fault) && MISUSE_CODES.has(fault.code) ? exitCodes.misused : exitCodes.failed;
}

/** The text for standard error, with the remedy below, or JSON. */
export function faultText(fault: unknown, isJson: boolean, paint: Paint = plain): string {
  const { message, remedy, info } = partsOf(fault);
  if (isJson) {
    const more = remedy === undefined ? {} : { remediation: remedy };
    return shownJson({ error: info?.toJSON() ?? { message, ...more } });
  }
  const code = info === undefined ? '' : ` (${info.code})`;
  const more = [remedy, info?.href].flatMap((line) => (line === undefined ? [] : [shown(line)]));
  return [`${paint('bad', 'error:')} ${shown(`${message}${code}`)}`, ...more].join('\n  ');
}

function partsOf(fault: unknown): { message: string; remedy?: string | undefined; info?: ErrorInfo } {
  if (fault instanceof Misuse || fault instanceof CommandFailure)
    return { message: fault.message, remedy: fault.remedy };
  if (isOwnError(fault)) return { message: fault.message, remedy: fault.remediation, info: fault };
  return { message: fault instanceof Error ? fault.message : String(fault) };
}
