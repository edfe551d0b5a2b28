/**
 * What the service answers when: one row a code, with the HTTP status it comes with, what it says, and
 * where that is written. `codes/<n>` is the page of that name in ably-common's `errors`; `inferred` rows
 * are what the pages leave open.
 */
const table = {
  40000: [400, 'bad request', 'codes/40000; for formats and capabilities inferred'],
  40001: [400, 'invalid request body', 'codes/40001; token-request-spec, "Request body format"'],
  40003: [400, 'invalid parameter value', 'codes/40003; auth/token, "Token TTL limits"'],
  40005: [400, 'invalid credential', 'codes/40005'],
  40012: [400, 'invalid client id', 'codes/40012; RSA7a1, RSA8f2'],
  40017: [400, 'unsupported protocol version', 'codes/40017; which versions those are: inferred'],
  40101: [401, 'invalid credentials', 'codes/40101'],
  40102: [401, 'incompatible credentials', 'codes/40102; RSA15a'],
  40104: [401, 'timestamp not current', 'codes/40104; token-request-spec'],
  40105: [401, 'nonce value replayed', 'codes/40105; token-request-spec'],
  40133: [401, 'can only revoke tokens issued by the same key', 'codes/40133; auth/revocation'],
  40141: [401, 'token revoked', 'codes/40141'],
  40142: [401, 'token expired', 'codes/40142; RTN22a'],
  40143: [401, 'token unrecognized', 'codes/40143'],
  40144: [401, 'invalid JWT', 'codes/40144; 400 where a claim is missing'],
  40145: [401, 'invalid token', 'codes/40145'],
  40160: [401, 'operation not permitted with provided capability', 'codes/40160; auth/capabilities'],
  40162: [401, 'basic authentication is needed', 'codes/40162; auth/revocation'],
  40163: [400, 'the key does not issue revocable tokens', 'codes/40163'],
  40400: [404, 'not found', 'codes/40400; 401 for a key unknown to a known app'],
  80018: [400, 'invalid connection key', 'codes/80018; RTN15c7'],
} as const satisfies Record<number, readonly [status: number, message: string, source: string]>;

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
