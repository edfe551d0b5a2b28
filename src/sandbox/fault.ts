import { type Refusal, refusals } from './refusals.js';

/** An error as it is sent on the wire. @see TI1 */
export interface WireError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
  readonly href: string;
}

/** The longest detail: a detail can repeat what a client sent. */
const LONGEST_DETAIL = 300;

/** An error that the service answers with. Its message contains no secret. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: number;
  readonly statusCode: number;
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail?: string) {
    super(detail === undefined ? refusal : `${refusal}: ${detail.slice(0, LONGEST_DETAIL)}`);
    const [code, statusCode] = refusals[refusal];
    this.refusal = refusal;
    this.code = code;
    this.statusCode = statusCode;
  }

  toWire(): WireError {
    return wireError(this.code, this.statusCode, this.message);
  }
}

export function wireError(code: number, statusCode: number, message: string): WireError {
  return { code, statusCode, message, href: `https://help.ably.io/error/${code}` };
}

/** Does something, and returns the error with which it was refused; undefined: it was done. */
export function errorOf(act: () => void): WireError | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.toWire();
    throw thrown;
  }
}
