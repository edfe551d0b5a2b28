import { invalidArgument } from '../checks/option-checks.js';
import type { ErrorInfo } from '../errors/error-info.js';

/**
 * The error for a necessary part that the platform does not have.
 * @param option the option to pass it in; undefined if there is none
 */
export function lacking(what: string, option?: string): ErrorInfo {
  return invalidArgument(
    `there is no ${what} on this platform`,
    option === undefined ? 'Load a polyfill of it first.' : `Pass one as the option ${option}.`,
  );
}
