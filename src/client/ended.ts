import { ErrorInfo } from '../errors.js';

/** What a call hears that comes to an end, or is made, when the client is disposed of. */
export const disposed = (): ErrorInfo => ended('the client was disposed of');

/** What a call hears that comes to an end because the user signed out. */
export const forgotten = (): ErrorInfo => ended('the client was told to forget its token');

/** Why somebody waits in vain who is not at fault. */
export function ended(message: string): ErrorInfo {
  return new ErrorInfo({ code: 80017, message });
}
