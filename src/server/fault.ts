import { ErrorInfo, isOwnError, toErrorInfo } from '../errors/error-info.js';
import { isRefusal } from './refusal.js';

/** A failure of the application or of the service behind the endpoint. The client does not learn the reason. */
export class OwnFault {
  /** The error for the application's `onError`. */
  readonly error: ErrorInfo;
  /** The error for the client. */
  readonly forClient: ErrorInfo;

  constructor(error: ErrorInfo) {
    this.error = error;
    this.forClient = isPassing(error) ? unavailable(error) : failed();
  }
}

/**
 * An error that `grant` threw. A thrown refusal stays a refusal; anything else is a fault of the application.
 */
export function faultOfGrant(thrown: unknown): unknown {
  if (isRefusal(thrown)) return thrown;
  return new OwnFault(
    new ErrorInfo({
      code: 50000,
      message: 'grant threw an error',
      remediation: 'Look at the cause. To refuse a user, return or throw refuse(401) or refuse(403).',
      cause: thrown,
    }),
  );
}

export function slowGrant(ms: number): OwnFault {
  return new OwnFault(
    new ErrorInfo({
      code: 50003,
      statusCode: 500,
      message: `grant did not answer within ${ms} ms`,
      remediation: 'Make it settle sooner, or raise the timeout of the endpoint.',
    }),
  );
}

/** An error of signing, or of the service. */
export function faultOfToken(thrown: unknown): OwnFault {
  const error = isOwnError(thrown)
    ? toErrorInfo(thrown, thrown)
    : new ErrorInfo({ code: 50000, message: 'the token endpoint could not make a token', cause: thrown });
  return new OwnFault(error);
}

export function slowToken(ms: number): OwnFault {
  return new OwnFault(new ErrorInfo({ code: 80014, message: `the token was not made within ${ms} ms` }));
}

export function slowBody(ms: number): ErrorInfo {
  return new ErrorInfo({
    code: 40001,
    statusCode: 408,
    message: `the body did not arrive within ${ms} ms`,
    remediation: 'Send the whole body at once.',
  });
}

/** Whether the service could not be reached, or answered that it is not available for now. */
function isPassing({ code, statusCode }: ErrorInfo): boolean {
  return code === 80003 || code === 80014 || statusCode === 429 || statusCode > 500;
}

function unavailable({ retryAfterMs }: ErrorInfo): ErrorInfo {
  const message = 'the token endpoint cannot make a token now';
  return new ErrorInfo({ code: 50003, statusCode: 503, message, retryAfterMs });
}

function failed(): ErrorInfo {
  return new ErrorInfo({ code: 50000, statusCode: 500, message: 'the token endpoint failed' });
}
