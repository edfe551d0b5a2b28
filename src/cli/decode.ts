import { dequal } from 'dequal';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { hmacSigner } from '#hmac';
import { parseJson } from '../redaction/received.js';
import type { ApiKey } from '../token/api-key.js';
import { canonicalText, type TokenRequest } from '../token/token-request.js';
import { Misuse } from './failure.js';

/** The contents of a token or TokenRequest. It contains no token, nonce or mac. */
export interface Decoded {
  readonly kind: 'TokenRequest' | 'TokenDetails' | 'JWT' | 'Ably token' | 'encrypted JWT';
  /** A string, if the input is valid. */
  readonly keyName?: unknown;
  /** null: an anonymous client. Otherwise a string, if the input is valid. */
  readonly clientId?: unknown;
  /** The granted operations by channel; null: all rights of the key. */
  readonly capability?: unknown;
  readonly ttlMs?: number;
  /** ISO 8601. */
  readonly issued?: string;
  /** When a token expires, or until when a TokenRequest can be exchanged. ISO 8601. */
  readonly expires?: string;
  readonly isAlive?: boolean;
  /** Whether the mac, or the signature of a JWT, was made with the key. */
  readonly signature: 'right' | 'wrong' | 'of another key' | 'not checked: there is no key' | 'none to check';
  /** The names of fields beside a JWT that differ from the signed ones. */
  readonly contradicted?: readonly string[];
  /** The other claims of a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** How long the service accepts a TokenRequest, ms. @see https://ably.com/docs/api/token-request-spec */
const CURRENT_MS = 120_000;

/**
 * Decodes an Ably token, a TokenDetails, a TokenRequest or a JWT.
 *
 * @param key the key to check the signature with
 * @throws {Misuse} if it is none of these
 */
export async function decode(text: string, key: ApiKey | undefined, now: number): Promise<Decoded> {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return await decodeObject(trimmed, key, now);
  const parts = trimmed.split('.').length;
  if (parts === 3) return await decodeSigned(trimmed, key, now);
  if (parts === 5) return { kind: 'encrypted JWT', signature: 'none to check' };
  if (/^[\w-]+\.[\w-]+:\S+$/.test(trimmed)) {
    throw new Misuse(
      'the text is an API key, not a token',
      'Keep the key secret, and revoke it if others have seen it.',
    );
  }
  if (/^[\w-]+\.[\w\-+/=]+$/.test(trimmed)) return { kind: 'Ably token', signature: 'none to check' };
  throw unknown();
}

async function decodeObject(text: string, key: ApiKey | undefined, now: number): Promise<Decoded> {
  let given: Record<string, unknown>;
  try {
    given = parseJson(text) as typeof given;
  } catch {
    throw new Misuse('the text begins like JSON but is not valid JSON', 'Copy the whole text.');
  }
  if (typeof given.token === 'string') return await decodeDetails(given.token, given, key, now);
  if (typeof given.mac === 'string' && typeof given.keyName === 'string')
    return decodeRequest(given, key, now);
  throw unknown();
}

function decodeRequest(given: Record<string, unknown>, key: ApiKey | undefined, now: number): Decoded {
  const { keyName, mac, ttl, capability, clientId, timestamp } = given as unknown as TokenRequest;
  const signed = Number(timestamp);
  const right = key !== undefined && hmacSigner(key.secret)(canonicalText(given as unknown as TokenRequest));
  return {
    kind: 'TokenRequest',
    keyName,
    clientId: clientId ?? null,
    capability: capability === undefined || capability === '' ? null : parsedOr(capability),
    ...(ttl === undefined ? {} : { ttlMs: Number(ttl) }),
    ...span(signed, signed + CURRENT_MS, now),
    signature: signatureOf(key, keyName, right === mac),
  };
}

async function decodeDetails(
  token: string,
  { keyName, issued, expires, clientId, capability }: Record<string, unknown>,
  key: ApiKey | undefined,
  now: number,
): Promise<Decoded> {
  const inner = await decode(token, key, now);
  const beside = {
    ...(typeof keyName === 'string' ? { keyName } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    ...(capability === undefined ? {} : { capability: parsedOr(capability) }),
    ...(typeof issued === 'number' || typeof expires === 'number'
      ? span(Number(issued), Number(expires), now)
      : {}),
  };
  if (inner.kind !== 'JWT') return { ...inner, kind: 'TokenDetails', ...beside };
  // The service uses the signed values, so they win.
  const contradicted = Object.entries(beside)
    .filter(
      ([name, value]) => name !== 'isAlive' && !saysTheSame(value, inner[name as keyof Decoded] ?? null),
    )
    .map(([name]) => name);
  return contradicted.length === 0 ? inner : { ...inner, contradicted };
}

/** Whether two values are equal. The times of a JWT are in seconds. */
function saysTheSame(a: unknown, b: unknown): boolean {
  const apart = typeof a === 'string' && typeof b === 'string' ? Date.parse(a) - Date.parse(b) : Number.NaN;
  return dequal(a, b) || Math.abs(apart) < 1_000;
}

async function decodeSigned(token: string, key: ApiKey | undefined, now: number): Promise<Decoded> {
  let payload: Record<string, unknown>;
  let header: { kid?: string; alg?: string };
  try {
    payload = decodeJwt(token);
    header = decodeProtectedHeader(token) as typeof header;
  } catch {
    throw unknown();
  }
  const { iat, exp, 'x-ably-clientId': clientId, 'x-ably-capability': capability, ...rest } = payload;
  const { 'x-ably-token': embedded, ...claims } = rest;
  const { kid } = header;
  return {
    kind: 'JWT',
    ...(kid === undefined ? {} : { keyName: kid }),
    clientId: typeof clientId === 'string' ? clientId : null,
    capability: capability === undefined ? null : parsedOr(capability),
    ...span(Number(iat) * 1000, Number(exp) * 1000, now),
    signature: signatureOf(key, kid, key !== undefined && (await isSignedBy(key, token))),
    claims: embedded === undefined ? claims : { ...claims, 'x-ably-token': '[token]' },
  };
}

async function isSignedBy({ secret }: ApiKey, token: string): Promise<boolean> {
  const bytes = new TextEncoder().encode(secret);
  return await compactVerify(token, bytes, { algorithms: ['HS256'] }).then(
    () => true,
    () => false,
  );
}

function signatureOf(key: ApiKey | undefined, keyName: unknown, isRight: boolean): Decoded['signature'] {
  if (key === undefined) return 'not checked: there is no key';
  if (key.name !== keyName) return 'of another key';
  return isRight ? 'right' : 'wrong';
}

function span(issued: number, expires: number, now: number): Pick<Decoded, 'issued' | 'expires' | 'isAlive'> {
  return {
    ...(isTime(issued) ? { issued: new Date(issued).toISOString() } : {}),
    ...(isTime(expires) ? { expires: new Date(expires).toISOString(), isAlive: expires > now } : {}),
  };
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
}

function parsedOr(capability: unknown): unknown {
  if (typeof capability !== 'string') return capability;
  try {
    return parseJson(capability);
  } catch {
    return capability;
  }
}

function unknown(): Misuse {
  return new Misuse(
    'the text must be an Ably token, TokenDetails, TokenRequest or JWT',
    'Copy the whole text, JSON with its braces.',
  );
}
