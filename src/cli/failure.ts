import { type ErrorInfo, isOwnError } from '../errors/error-info.js';
import { shown, shownJson } from './terminal-text.js';

/** What a command ends with. */
export const exitCodes = {
  done: 0,
  /** The service or the endpoint refused, failed, or was not there. */
  failed: 1,
  /** The command was called wrongly, or a key is missing. */
  misused: 2,
  /** It was looked at, and something is wrong with it. */
  found: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** That a command was called in a way that cannot be. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** A value that cannot be, whether it was noticed here or by the service. */
const MISUSE_CODES = new Set([40003, 40005, 40012, 40103]);

export function exitCodeOf(fault: unknown): ExitCode {
  if (fault instanceof Misuse) return exitCodes.misused;
  return isOwnError(fault) && MISUSE_CODES.has(fault.code) ? exitCodes.misused : exitCodes.failed;
}

/** For standard error: as text with the remedy below, or as JSON. */
export function faultText(fault: unknown, isJson: boolean): string {
  const { message, remedy, info } = told(fault);
  if (isJson) {
    const more = remedy === undefined ? {} : { remediation: remedy };
    return shownJson({ error: info?.toJSON() ?? { message, ...more } });
  }
  const code = info === undefined ? '' : ` (${info.code})`;
  return [`error: ${message}${code}`, remedy, info?.href]
    .flatMap((line) => (line === undefined ? [] : [shown(line)]))
    .join('\n  ');
}

function told(fault: unknown): { message: string; remedy?: string | undefined; info?: ErrorInfo } {
  if (fault instanceof Misuse) return { message: fault.message, remedy: fault.remedy };
  if (isOwnError(fault)) return { message: fault.message, remedy: fault.remediation, info: fault };
  return { message: fault instanceof Error ? fault.message : String(fault) };
}
