import type { SourceAnswer } from '../../machines/ports.js';
import { ErrorInfo, isErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { BODY_LIMIT } from '../http/body.js';
import { canonicalCapability } from '../token/capability.js';
import { Sealed } from '../token/sealed.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';

/** What a source did wrong, as the error callers get. @see RSA4e, RSA4f */
export function badAnswer(what: string, cause?: unknown): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: `the token source ${what}`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * What a source answered, checked and copied: a token string, a TokenDetails or a TokenRequest.
 * @throws {ErrorInfo} 40170
 * @see RSA4f, RSA8c, RSA8d
 */
export function readAnswer(given: unknown): SourceAnswer {
  if (typeof given === 'string') return asToken({ token: checkedText(given) });
  if (given === null || given === undefined) throw badAnswer(`gave ${given}`);
  if (typeof given !== 'object') throw badAnswer(`gave a ${typeof given}`);
  if (Array.isArray(given)) throw badAnswer('gave an array');
  checkSize(textOf(given));
  if ('token' in given) return asToken(checkedDetails(given));
  if ('keyName' in given || 'mac' in given) return asRequest(given as Record<string, unknown>);
  const { error } = given as { error?: unknown };
  if (isErrorInfo(error)) throw badAnswer(`gave an error: ${maskForeign(String(error.message))}`);
  throw badAnswer('gave an object that is neither a TokenDetails nor a TokenRequest');
}

function asToken(details: TokenDetails): SourceAnswer {
  const { clientId } = details;
  const token = new Sealed(Object.freeze(details), 'token');
  return clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId };
}

function checkedDetails(given: object): TokenDetails {
  const details = parseTokenDetails(given);
  checkedText(details.token);
  return details;
}

function checkedText(text: string): string {
  checkSize(text);
  if (text.trim() === '') throw badAnswer('gave an empty string');
  if (text === 'null' || text === 'undefined') throw badAnswer(`gave the text "${text}"`);
  if (CONTROL.test(text)) throw badAnswer('gave a token with control characters or line breaks in it');
  if (text.trimStart().startsWith('{')) {
    throw badAnswer('gave JSON as text: parse it, or answer with the content type application/json');
  }
  return text;
}

const CONTROL = /\p{Cc}/u;

/** RSA4f: bytes, not characters. */
function checkSize(text: string): void {
  if (text.length > BODY_LIMIT || new TextEncoder().encode(text).byteLength > BODY_LIMIT) {
    throw badAnswer(`gave more than ${BODY_LIMIT} bytes`);
  }
}

function textOf(given: object): string {
  try {
    return JSON.stringify(given) ?? '';
  } catch (cause) {
    throw badAnswer('gave an object that cannot be sent', cause);
  }
}

function asRequest(given: Record<string, unknown>): SourceAnswer {
  const { keyName, nonce, mac, clientId, capability } = given;
  const timestamp = wholeNumber('timestamp', given.timestamp);
  const ttl = wholeNumber('ttl', given.ttl);
  if (typeof keyName !== 'string' || keyName === '') throw badAnswer('gave a TokenRequest without a keyName');
  if (timestamp === undefined) throw badAnswer('gave a TokenRequest without a timestamp');
  if (typeof nonce !== 'string' || nonce === '') throw badAnswer('gave a TokenRequest without a nonce');
  if (typeof mac !== 'string' || mac === '') throw badAnswer('gave a TokenRequest without a mac');
  if (isPresent(clientId) && typeof clientId !== 'string')
    throw badAnswer('gave a clientId that is no string');
  const request: TokenRequest = Object.freeze({
    keyName,
    ...(ttl === undefined ? {} : { ttl }),
    ...(isPresent(capability) ? { capability: capabilityText(capability) } : {}),
    ...(isPresent(clientId) ? { clientId } : {}),
    timestamp,
    nonce,
    mac,
  });
  const sealed = new Sealed(request, 'TokenRequest');
  return isPresent(clientId)
    ? { kind: 'request', request: sealed, clientId: clientId as string }
    : { kind: 'request', request: sealed };
}

/** What was signed stays as it is; an absent field may come as an empty one. */
function isPresent(given: unknown): given is NonNullable<unknown> {
  return given !== undefined && given !== null && given !== '';
}

function capabilityText(given: unknown): string {
  return typeof given === 'string' ? given : canonicalCapability(given as never);
}

function wholeNumber(name: string, given: unknown): number | undefined {
  if (!isPresent(given)) return undefined;
  const number = Number(given);
  if (Number.isSafeInteger(number)) return number;
  throw badAnswer(`gave a TokenRequest whose ${name} is no whole number`);
}
