import type { SourceAnswer } from '../../machines/ports.js';
import { defined } from '../checks/option-checks.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import type { Reason } from '../errors/reason.js';
import { shownText } from '../errors/redaction.js';
import { BODY_LIMIT } from '../platform/body.js';
import { textIn } from '../redaction/received.js';
import { isLonger } from '../text.js';
import { canonicalCapability } from '../token/capability.js';
import { Secret, SecretToken } from '../token/secret.js';
import { parseTokenDetails, type TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';

/** The error for a wrong answer of a source. @see RSA4e, RSA4f */
export function badAnswer(
  what: string,
  cause?: unknown,
  remediation?: string,
  reason: Reason = 'malformed',
): ErrorInfo {
  return new ErrorInfo({
    code: 40170,
    reason,
    message: `the token source ${what}`,
    remediation,
    cause,
  });
}

/**
 * Checks and copies the answer of a source: a token string, a TokenDetails or a TokenRequest.
 * @throws {ErrorInfo} 40170
 * @see RSA4f, RSA8c, RSA8d
 */
export function readAnswer(given: unknown): SourceAnswer {
  try {
    return read(given);
  } catch (fault) {
    const isOwn = isOwnError(fault);
    if (isOwn && fault.code === 40170) throw fault;
    // A wrong value is a fault of the source, not of the caller. The next try may give a correct one.
    throw badAnswer(isOwn ? `gave an unusable value: ${fault.message}` : UNREADABLE, fault);
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
    const told = shownText(textIn(error, 'message') || 'no reason was given');
    throw badAnswer(`gave an error: ${told}`, undefined, undefined, 'source failed');
  }
  throw badAnswer('gave an object that is neither a TokenDetails nor a TokenRequest');
}

function asToken(details: TokenDetails): SourceAnswer {
  const { clientId } = details;
  const token = new SecretToken(Object.freeze(details));
  return { kind: 'token', token, ...defined({ clientId }) };
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

/** Says why a text cannot be a token, without a part of the text. undefined: it can be one. @see TN1, RSA4f */
export function tokenFault(text: string): string | undefined {
  // RSA4f counts bytes, not characters.
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
  if (!isText(keyName)) throw lacking('keyName');
  if (!KEY_NAME.test(keyName)) throw badAnswer('gave a TokenRequest whose keyName is malformed');
  if (timestamp === undefined) throw lacking('timestamp');
  if (!isText(nonce)) throw lacking('nonce');
  if (!isText(mac)) throw lacking('mac');
  if (isPresent(clientId) && typeof clientId !== 'string')
    throw badAnswer('gave a clientId that is not a string');
  const request: TokenRequest = Object.freeze({
    keyName,
    ...defined({
      ttl,
      capability: isPresent(capability) ? capabilityText(capability) : undefined,
      clientId: isPresent(clientId) ? clientId : undefined,
    }),
    timestamp,
    nonce,
    mac,
  });
  const sealed = new Secret(request, 'TokenRequest');
  return { kind: 'request', request: sealed, ...defined({ clientId: request.clientId }) };
}

const isText = (given: unknown): given is string => typeof given === 'string' && given !== '';

const lacking = (name: string): ErrorInfo => badAnswer(`gave a TokenRequest without a ${name}`);

/** A keyName becomes a part of a path: it must have no lone surrogates, and must not be `..`. */
const KEY_NAME = /^(?!\.+$)[^\s\p{Cc}\p{Cs}:/\\]+$/u;

/** Whether a field has a value. Endpoints send null or an empty text for a field without one. */
function isPresent(given: unknown): given is NonNullable<unknown> {
  return given !== undefined && given !== null && given !== '';
}

function capabilityText(given: unknown): string {
  return typeof given === 'string' ? given : canonicalCapability(given as never);
}

/** A number, or a number as decimal text, which endpoints make from a query string. */
function wholeNumber(name: string, given: unknown): number | undefined {
  if (!isPresent(given)) return undefined;
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw badAnswer(`gave a TokenRequest whose ${name} is not a whole number`);
}
