import { fieldOf, parseJson } from '../../redaction/received.js';
import { type AnswerMessage, isMessageId, type MessageId } from '../token-answer.js';

/** What a server asks and answers, as JSON in text messages. */
export type ServerMessage = { readonly type: 'token.asked'; readonly expiresInMs: number } | AnswerMessage;

/** A token that a client sent. */
export interface Presented {
  readonly token: unknown;
  readonly id?: MessageId;
}

/** What a subprotocol with a token begins with. The token follows in Base64url, because it may have any letters. */
const WITH_TOKEN = 'latchkey.token.';

/** Room for the names and the id beside the token. */
const ROOM = 1_024;

/**
 * The token in a text message, if it is one of type `authenticate`. Any other message is the application's.
 * @returns undefined: it is of another type; null: its id is unusable
 */
export function presentedIn(
  data: unknown,
  isBinary: boolean,
  maxTokenLength: number,
): Presented | undefined | null {
  if (isBinary || !Buffer.isBuffer(data) || data.length > 4 * maxTokenLength + ROOM) return undefined;
  if (!data.includes('"authenticate"')) return undefined;
  let message: unknown;
  try {
    message = parseJson(data.toString('utf8'));
  } catch {
    return undefined;
  }
  if (fieldOf(message, 'type') !== 'authenticate') return undefined;
  const [token, id] = [fieldOf(message, 'token'), fieldOf(message, 'id')];
  if (id === undefined || id === null) return { token };
  return isMessageId(id) ? { token, id } : null;
}

/** The token in the subprotocols that a client offered. */
export function tokenInProtocols(header: string | undefined): string | undefined {
  const offered = (header ?? '').split(',').map((one) => one.trim());
  const found = offered.find((one) => one.startsWith(WITH_TOKEN));
  return found && Buffer.from(found.slice(WITH_TOKEN.length), 'base64url').toString('utf8');
}

/** The token in the query of an address, as the parameter `access_token` (RFC 6750). */
export function tokenInQuery(url: string | undefined): string | undefined {
  const query = url?.slice(url.indexOf('?') + 1);
  return (url?.includes('?') && new URLSearchParams(query).get('access_token')) || undefined;
}
