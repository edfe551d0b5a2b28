import type { SourceAnswer } from '../../machines/ports.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { receivedMessage } from '../http/error-response.js';
import { BODY_LIMIT } from '../platform/body.js';
import { isLonger } from '../platform/text.js';
import { canonicalCapability } from '../token/capability.js';
import { Secret } from '../token/secret.js';
import { SecretToken } from '../token/secret-token.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';

/** What a source did wrong, as the error callers get. @see RSA4e, RSA4f */
export function badAnswer(what: string, cause?: unknown, remediation?: string): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: `the token source ${what}`,
    remediation,
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * What a source answered, checked and copied: a token string, a TokenDetails or a TokenRequest.
 * @throws {ErrorInfo} 40170
 * @see RSA4f, RSA8c, RSA8d
 */
export function readAnswer(given: unknown): SourceAnswer {
  try {
    return read(given);
  } catch (fault) {
    const isOwn = isOwnError(fault);
    if (isOwn && fault.code === 40170) throw fault;
    // What is wrong with a value is the source's fault, not the caller's: it may be right at the next try.
    throw badAnswer(isOwn ? `gave a value that cannot be: ${fault.message}` : UNREADABLE, fault);
  }
}

const UNREADABLE = 'gave an object that cannot be read';

function read(given: unknown): SourceAnswer {
  if (typeof given === 'string') return asToken({ token: checkedText(given) });
  if (given === null || given === undefined) throw badAnswer(`gave ${given}`);
  if (typeof given !== 'object') throw badAnswer(`gave a ${typeof given}`);
  if (Array.isArray(given)) throw badAnswer('gave an array');
  if (isLonger(textOf(given), BODY_LIMIT)) throw badAnswer(`gave more than ${BODY_LIMIT} bytes`);
  if ('token' in given) return asToken(checkedDetails(given));
  if ('keyName' in given || 'mac' in given) return asRequest(given as Record<string, unknown>);
  const { error } = given as { error?: unknown };
  if (typeof error === 'object' && error !== null) {
    throw badAnswer(`gave an error: ${receivedMessage((error as { message?: unknown }).message)}`);
  }
  throw badAnswer('gave an object that is neither a TokenDetails nor a TokenRequest');
}

function asToken(details: TokenDetails): SourceAnswer {
  const { clientId } = details;
  const token = new SecretToken(Object.freeze(details));
  return clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId };
}

function checkedDetails(given: object): TokenDetails {
  const details = parseTokenDetails(given);
  checkedText(details.token);
  return details;
}

function checkedText(text: string): string {
  const fault = tokenFault(text);
  if (fault !== undefined) throw badAnswer(`gave ${fault}`);
  return text;
}

/** Why a text cannot be a token; undefined where it can. Never a part of the text. @see TN1, RSA4f */
export function tokenFault(text: string): string | undefined {
  // RSA4f: bytes, not characters.
  if (isLonger(text, BODY_LIMIT)) return `more than ${BODY_LIMIT} bytes`;
  if (text.trim() === '') return 'an empty string';
  if (text === 'null' || text === 'undefined') return `the text "${text}"`;
  if (CONTROL.test(text)) return 'a token with control characters or line breaks in it';
  if (!text.trimStart().startsWith('{')) return undefined;
  return 'JSON as text: parse it, or answer with the content type application/json';
}

const CONTROL = /\p{Cc}/u;

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
  if (!KEY_NAME.test(keyName)) throw badAnswer('gave a TokenRequest whose keyName is malformed');
  if (timestamp === undefined) throw badAnswer('gave a TokenRequest without a timestamp');
  if (typeof nonce !== 'string' || nonce === '') throw badAnswer('gave a TokenRequest without a nonce');
  if (typeof mac !== 'string' || mac === '') throw badAnswer('gave a TokenRequest without a mac');
  if (isPresent(clientId) && typeof clientId !== 'string')
    throw badAnswer('gave a clientId that is not a string');
  const request: TokenRequest = Object.freeze({
    keyName,
    ...(ttl === undefined ? {} : { ttl }),
    ...(isPresent(capability) ? { capability: capabilityText(capability) } : {}),
    ...(isPresent(clientId) ? { clientId } : {}),
    timestamp,
    nonce,
    mac,
  });
  const sealed = new Secret(request, 'TokenRequest');
  return isPresent(clientId)
    ? { kind: 'request', request: sealed, clientId: clientId as string }
    : { kind: 'request', request: sealed };
}

/** It becomes a part of an address: no halves of characters, no `..` that leads elsewhere. */
const KEY_NAME = /^(?!\.+$)[^\s\p{Cc}\p{Cs}:/\\]+$/u;

/** What was signed stays as it is; an absent field may come as an empty one. */
function isPresent(given: unknown): given is NonNullable<unknown> {
  return given !== undefined && given !== null && given !== '';
}

function capabilityText(given: unknown): string {
  return typeof given === 'string' ? given : canonicalCapability(given as never);
}

/** A number, or its decimal text as a query string makes it. */
function wholeNumber(name: string, given: unknown): number | undefined {
  if (!isPresent(given)) return undefined;
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw badAnswer(`gave a TokenRequest whose ${name} is no whole number`);
}
