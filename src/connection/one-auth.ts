import { ErrorInfo } from '../errors/error-info.js';

/** A connection is attached to while it serves another Auth. */
export const servesAnother = (): ErrorInfo =>
  new ErrorInfo({
    code: 40003,
    message: 'this connection belongs to another Auth',
    remediation: 'Dispose of the other Auth first, or make one connection for each Auth.',
  });

/** A call on a connection that was disposed of. */
export const disposed = (): ErrorInfo =>
  new ErrorInfo({ code: 80017, message: 'the connection was disposed of' });
