import { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, textIn } from '../../redaction/received.js';

/** The longest message that is taken over from a server. */
const LONGEST_MESSAGE = 1_000;

const isCode = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/**
 * Why a server refused a token: `{ code, statusCode, message }`. Without both numbers the refusal counts as a token error
 * (40140), because another token may help, and a client that asks again and again does so more and more slowly.
 *
 * @param words what the server said besides, if anything
 */
export function refusalIn(given: unknown, words: unknown = textIn(given, 'message')): ErrorInfo {
  const [code, statusCode] = [fieldOf(given, 'code'), fieldOf(given, 'statusCode')];
  const message = typeof words === 'string' && words !== '' ? words.slice(0, LONGEST_MESSAGE) : undefined;
  if (isCode(code) && isCode(statusCode))
    return new ErrorInfo({ code, statusCode, message: message ?? 'no reason was given', origin: 'server' });
  return new ErrorInfo({
    code: 40140,
    statusCode: 401,
    message: `the server refused the token: ${message ?? 'no reason was given'}`,
    origin: 'server',
  });
}
