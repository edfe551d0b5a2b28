import { ErrorInfo } from '../errors/error-info.js';

/**
 * What cannot be done without is missing.
 * @param option what it can be given as; undefined: nothing
 */
export function lacking(what: string, option?: string): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: `there is no ${what} on this platform`,
    remediation: option === undefined ? 'Load a polyfill of it first.' : `Give one as option ${option}.`,
  });
}
