import { dequal } from 'dequal';
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { hmacSigner } from '#hmac';
import type { ApiKey } from '../token/api-key.js';
import { canonicalText, type TokenRequest } from '../token/token-request.js';
import { Misuse } from './failure.js';

/** What something that was handed over says of itself. Holds no token, nonce or mac. */
export interface Decoded {
  readonly kind: 'TokenRequest' | 'TokenDetails' | 'JWT' | 'Ably token' | 'encrypted JWT';
  /** A text, in what is sound. */
  readonly keyName?: unknown;
  /** null: an anonymous client; a text, in what is sound. */
  readonly clientId?: unknown;
  /** What it grants, by channel; null: all the key may. */
  readonly capability?: unknown;
  readonly ttlMs?: number;
  /** ISO 8601. */
  readonly issued?: string;
  /** When it dies: a token for who has it, a TokenRequest for who would exchange it. ISO 8601. */
  readonly dies?: string;
  readonly isAlive?: boolean;
  /** Whether the mac, or the signature of a JWT, is this key's. */
  readonly signature: 'right' | 'wrong' | 'of another key' | 'not checked: there is no key' | 'none to check';
  /** What stands beside a JWT and says otherwise than what is signed in it, by name. */
  readonly contradicted?: readonly string[];
  /** Claims of a JWT besides those above. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** For so long the service takes a TokenRequest. @see https://ably.com/docs/api/token-request-spec */
const CURRENT_MS = 120_000;

/**
 * Reads an Ably token, a TokenDetails, a TokenRequest or a JWT.
 *
 * @param key to check the signature with
 * @throws {Misuse} when it is none of them
 */
export async function decode(text: string, key: ApiKey | undefined, now: number): Promise<Decoded> {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return await decodeObject(trimmed, key, now);
  const parts = trimmed.split('.').length;
  if (parts === 3) return await decodeSigned(trimmed, key, now);
  if (parts === 5) return { kind: 'encrypted JWT', signature: 'none to check' };
  if (/^[\w-]+\.[\w-]+:[\w-]+$/.test(trimmed)) {
    throw new Misuse(
      'this is an API key, not a token',
      'Keep it to yourself; revoke it if anybody has seen it.',
    );
  }
  if (/^[\w-]+\.[\w\-+/=]+$/.test(trimmed)) return { kind: 'Ably token', signature: 'none to check' };
  throw unknown();
}

async function decodeObject(text: string, key: ApiKey | undefined, now: number): Promise<Decoded> {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Misuse('this begins like JSON and cannot be read as JSON', 'Copy all of it.');
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
  // What is signed counts: the service goes by it.
  const contradicted = Object.entries(beside)
    .filter(
      ([name, value]) => name !== 'isAlive' && !saysTheSame(value, inner[name as keyof Decoded] ?? null),
    )
    .map(([name]) => name);
  return contradicted.length === 0 ? inner : { ...inner, contradicted };
}

/** A JWT tells its times in seconds. */
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

function span(issued: number, dies: number, now: number): Pick<Decoded, 'issued' | 'dies' | 'isAlive'> {
  return {
    ...(isTime(issued) ? { issued: new Date(issued).toISOString() } : {}),
    ...(isTime(dies) ? { dies: new Date(dies).toISOString(), isAlive: dies > now } : {}),
  };
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
}

function parsedOr(capability: unknown): unknown {
  if (typeof capability !== 'string') return capability;
  try {
    return JSON.parse(capability);
  } catch {
    return capability;
  }
}

function unknown(): Misuse {
  return new Misuse(
    'this is not an Ably token, TokenDetails, TokenRequest or JWT',
    'Copy all of it; JSON with its braces.',
  );
}
