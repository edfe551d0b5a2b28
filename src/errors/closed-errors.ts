import { ErrorInfo } from './error-info.js';

/** What a call hears that comes to an end, or is made, when the client is disposed of. */
export const disposed = (): ErrorInfo => ended('the client was disposed of');

/** What a call hears that comes to an end because the user signed out. */
export const forgotten = (): ErrorInfo =>
  new ErrorInfo({
    code: 80017,
    message: 'the user signed out',
    reason: 'signed out',
    remediation: 'Call authorize() when a user signs in.',
  });

/** What a call hears that was to open a connection which the user closed meanwhile (RTC8b1). */
export const closed = (): ErrorInfo => ended('the connection was closed');

/** Why somebody waits in vain who is not at fault. */
export function ended(message: string): ErrorInfo {
  return new ErrorInfo({ code: 80017, message });
}
