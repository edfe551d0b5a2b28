/**
 * What the service answers when: one row a code, with the HTTP status it comes with. Meanings and
 * statuses are those of ably-common's error codes.
 */
const table = {
  40000: [400, 'bad request'],
  40001: [400, 'invalid request body'],
  40003: [400, 'invalid parameter value'],
  40005: [400, 'invalid credential'],
  40012: [400, 'invalid client id'],
  40017: [400, 'unsupported protocol version'],
  40101: [401, 'invalid credentials'],
  40102: [401, 'incompatible credentials'],
  40104: [401, 'timestamp not current'],
  40105: [401, 'nonce value replayed'],
  40141: [401, 'token revoked'],
  40142: [401, 'token expired'],
  40143: [401, 'token unrecognized'],
  40144: [401, 'invalid JWT'],
  40145: [401, 'invalid token'],
  40133: [401, 'can only revoke tokens issued by the same key'],
  40160: [401, 'operation not permitted with provided capability'],
  40162: [401, 'basic authentication is needed'],
  40163: [400, 'the key does not issue revocable tokens'],
  40400: [404, 'not found'],
  80018: [400, 'invalid connection key'],
} as const;

export type FaultCode = keyof typeof table;

/** How an error is told on the wire. @see TI1 */
export interface WireError {
  readonly code: number;
  readonly statusCode: number;
  readonly message: string;
  readonly href: string;
}

/** A refusal by the service. Its message names no secret. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: number;
  readonly statusCode: number;

  constructor(code: FaultCode, detail?: string, statusCode: number = table[code][0]) {
    super(detail === undefined ? table[code][1] : `${table[code][1]}: ${detail}`);
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
