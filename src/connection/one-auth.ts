import { ErrorInfo } from '../errors/error-info.js';

/** The error if a connection that belongs to another Auth is attached. */
export const servesAnother = (): ErrorInfo =>
  new ErrorInfo({
    code: 40003,
    message: 'this connection belongs to another Auth',
    remediation: 'Dispose of the other Auth first, or make one connection for each Auth.',
  });

/** The error of a call on a connection that was disposed of. */
export const disposed = (): ErrorInfo =>
  new ErrorInfo({ code: 80017, message: 'the connection was disposed of' });
