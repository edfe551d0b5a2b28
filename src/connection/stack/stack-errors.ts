import { ErrorInfo, type ErrorInfoInit } from '../../errors/error-info.js';

/** A newer token is awaited, so that this one is given up. */
export const superseded = (): ErrorInfo =>
  new ErrorInfo({
    code: 80017,
    message: 'a newer token was requested while this token was tried',
    remediation: 'No action is needed: the answer about the newer token decides.',
  });

/** The server accepted the transport and fell silent. */
export const noAnswer = (ms: number): ErrorInfo =>
  new ErrorInfo({
    code: 80014,
    statusCode: 401,
    message: `the server did not answer the token within ${ms} ms`,
    remediation: 'Check that the server acknowledges each token, or raise answerTimeoutMs.',
  });

/** For what `open` throws. */
export const notOpened = {
  code: 80003,
  statusCode: 400,
  message: 'the connection could not be opened: open() threw an error',
} satisfies ErrorInfoInit;

/** For an answer of a stack that is not an error of Ably's form. */
export const unclear = {
  code: 80003,
  statusCode: 400,
  message: 'the token was not answered',
} satisfies ErrorInfoInit;
