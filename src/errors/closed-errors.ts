import { ErrorInfo } from './error-info.js';

/** The error of a call that waits, or is made, when the client is disposed of. */
export const disposed = (): ErrorInfo => ended('the client was disposed of');

/** The error of a call that waits when the user signs out. */
export const forgotten = (): ErrorInfo =>
  new ErrorInfo({
    code: 80017,
    message: 'the user signed out',
    reason: 'signed out',
    remediation: 'Call authorize() when a user signs in.',
  });

/** The error of a call that was to open a connection, if the user closed the connection meanwhile (RTC8b1). */
export const closed = (): ErrorInfo => ended('the connection was closed');

/** An 80017 with this message: the wait ends, and the caller did nothing wrong. */
export function ended(message: string): ErrorInfo {
  return new ErrorInfo({ code: 80017, message });
}
