import type { ErrorInfo } from '../../errors/error-info.js';
import { utf8 } from '../../redaction/encoding.js';
import { fieldOf, isA, parseJson, textIn } from '../../redaction/received.js';
import type { ReportedError } from '../port.js';
import { refusalIn } from '../stack/refusal.js';

/** What the server says about a token. */
export interface ServerAnswer {
  /** Names the token: {@link tagOf}. */
  readonly tag: string;
  /** undefined: the server does not say. */
  readonly clientId: string | null | undefined;
  /** null: the token is accepted. */
  readonly refusal: ErrorInfo | null;
}

/** What every message begins with. */
const BEGINNING = '{"latchkey":';

/** The type of the message by which the server confirms that it closed a document. */
const CLOSE = 7;

/** The longest message that is read. */
const LONGEST = 10_000;

/**
 * A short name of a token that does not show it: 53 bits of a hash. An answer with it belongs to this token only, and
 * other clients of the document cannot guess it.
 */
export function tagOf(token: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < token.length; at += 1) {
    const unit = token.charCodeAt(at);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  const [one, other] = [mixed(high, low), mixed(low, high)];
  return (4_294_967_296 * (2_097_151 & other) + (one >>> 0)).toString(36);
}

const mixed = (a: number, b: number): number =>
  Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);

/**
 * The message by which a Hocuspocus server accepts a token. Send it with `connection.sendStateless()` in the hooks
 * `connected` and `onTokenSync`.
 *
 * @param token the token that the server checked
 * @param clientId whose connection it is. null: the server does not say
 *
 * @example
 * ```ts
 * import { Server } from '@hocuspocus/server';
 * import { tokenAccepted } from 'latchkey/connection/hocuspocus';
 *
 * new Server({
 *   onAuthenticate: async ({ token }) => ({ token }),
 *   connected: async ({ connection, context }) =>
 *     connection.sendStateless(tokenAccepted(context.token, 'ada')),
 *   onTokenSync: async ({ connection, token }) => connection.sendStateless(tokenAccepted(token, 'ada')),
 * });
 * ```
 */
export function tokenAccepted(token: string, clientId: string | null): string {
  return JSON.stringify({ latchkey: 'accepted', token: tagOf(token), clientId });
}

/**
 * The message by which a Hocuspocus server refuses a token. In `onAuthenticate` it is the `reason` of the error that the
 * hook throws. In `onTokenSync` send it with `connection.sendStateless()`: then the document stays open with the former
 * token; or close the document with it as the `reason`.
 *
 * @param token the token that the server checked
 * @param error why. With status 401 and a code from 40140 to 40149 the client requests another token
 *
 * @example
 * ```ts
 * import { Server } from '@hocuspocus/server';
 * import { tokenRefused } from 'latchkey/connection/hocuspocus';
 *
 * new Server({
 *   async onAuthenticate({ token }) {
 *     const refusal = { code: 40142, statusCode: 401, message: 'the token expired' };
 *     if (token !== 'good') throw Object.assign(new Error(refusal.message), { reason: tokenRefused(token, refusal) });
 *   },
 * });
 * ```
 */
export function tokenRefused(token: string, { code, statusCode, message }: ReportedError): string {
  return JSON.stringify({ latchkey: 'refused', token: tagOf(token), code, statusCode, message });
}

/** undefined: the text is none of these messages. */
export function answerIn(text: unknown): ServerAnswer | undefined {
  if (typeof text !== 'string' || !text.startsWith(BEGINNING) || text.length > LONGEST) return undefined;
  try {
    const given = parseJson(text);
    const [kind, tag] = [textIn(given, 'latchkey'), textIn(given, 'token')];
    if (tag === undefined || (kind !== 'accepted' && kind !== 'refused')) return undefined;
    const refusal = kind === 'refused' ? refusalIn(given) : null;
    const clientId = fieldOf(given, 'clientId');
    const isClear = typeof clientId === 'string' || clientId === null;
    return { tag, clientId: isClear ? clientId : undefined, refusal };
  } catch {
    return undefined;
  }
}

/** Whether a message of the websocket says that the server closed the document of that name. */
export function isCloseOf(name: string, data: unknown): boolean {
  if (!isA(data, ArrayBuffer)) return false;
  const text = Array.from(utf8(name), (byte) => byte.charCodeAt(0));
  const bytes = new Uint8Array(data);
  return [...lengthOf(text), ...text, CLOSE].every((byte, at) => bytes[at] === byte);
}

/** The length of a text in the form of the protocol: seven bits in each byte, and a bit that says whether more follow. */
function lengthOf({ length }: { readonly length: number }): number[] {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}
