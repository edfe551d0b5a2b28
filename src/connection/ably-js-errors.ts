import { ErrorInfo, toErrorInfo } from '../errors.js';

/** The connection was closed, or serves nobody. */
export const closed = (message: string): ErrorInfo => new ErrorInfo({ code: 80017, message });

/** The server did not answer AUTH. */
export const unanswered = (ms: number): ErrorInfo =>
  new ErrorInfo({ code: 80014, statusCode: 401, message: `the server did not answer within ${ms} ms` });

/** What the SDK gives for a reason. */
export const told = (reason: unknown): ErrorInfo =>
  toErrorInfo(reason, { code: 80003, message: 'the connection failed' });
