import { type Refusal, refusals } from './refusals.js';

/** How an error is told on the wire. @see TI1 */
export interface WireError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
  readonly href: string;
}

/** A detail may repeat what was sent, of any length. */
const LONGEST_DETAIL = 300;

/** A refusal by the service. Its message names no secret. */
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
