import { ErrorInfo, isOwnError, toErrorInfo } from '../errors/error-info.js';
import { isRefusal } from './refusal.js';

/** A failure of the application or of the service behind it: not for the client to know. */
export class OwnFault {
  /** For the application. */
  readonly error: ErrorInfo;
  /** For the client. */
  readonly told: ErrorInfo;

  constructor(error: ErrorInfo) {
    this.error = error;
    this.told = isPassing(error) ? unavailable(error) : failed();
  }
}

/** What came from `grant`: a refusal may be thrown too, all else is a fault. */
export function faultOfGrant(thrown: unknown): unknown {
  if (isRefusal(thrown)) return thrown;
  return new OwnFault(
    new ErrorInfo({
      code: 50000,
      message: 'grant threw',
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

/** What came from signing, or from the service. */
export function faultOfToken(thrown: unknown): OwnFault {
  const error = isOwnError(thrown)
    ? toErrorInfo(thrown, thrown)
    : new ErrorInfo({ code: 50000, message: 'the token endpoint could not make a token', cause: thrown });
  return new OwnFault(error);
}

export function slowToken(ms: number): OwnFault {
  return new OwnFault(new ErrorInfo({ code: 80014, message: `there was no token within ${ms} ms` }));
}

export function slowBody(ms: number): ErrorInfo {
  return new ErrorInfo({
    code: 40001,
    statusCode: 408,
    message: `the body did not come within ${ms} ms`,
    remediation: 'Send it at once.',
  });
}

/** The service could not be reached, or said that it cannot just now. */
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
