import type { ErrorInfo } from '../errors/error-info.js';

/** A WebSocket takes 123 bytes as the reason of a close, and `ws` throws for more. */
const MOST_BYTES = 120;

/** A text that can be the reason of a close. A cut letter becomes one of three bytes. */
export const closeReason = (text: string): string =>
  Buffer.from(text)
    .subarray(0, MOST_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '');

/** A reason begins with the code of its error: a close has no field for it. */
export const reasonFor = ({ code, message }: ErrorInfo): string => `${code} ${message}`;

export const EXPIRED = '40142 the token has expired';
