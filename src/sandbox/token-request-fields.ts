import { type Capabilities, capabilityText, parseCapability } from './capability.js';
import { Fault } from './fault.js';

/** A request's body. */
export type Fields = Readonly<Record<string, unknown>>;

/** A TokenRequest's fields, each of its type; undefined where absent. */
export interface TokenRequestFields {
  readonly keyName: string;
  /** Decimal text: what was signed. */
  readonly timestamp: string;
  readonly ttl: string | undefined;
  readonly clientId: string | undefined;
  readonly capability: unknown;
  readonly nonce: string | undefined;
  readonly mac: string | undefined;
}

/** @throws {Fault} 40001 for what is missing or of another type, 40003 for a ttl, 40012 for a clientId */
export function readTokenRequest(fields: Fields): TokenRequestFields {
  const keyName = string(fields, 'keyName');
  const timestamp = decimal(fields.timestamp);
  if (keyName === undefined) throw new Fault('invalid request body', 'keyName is missing');
  if (timestamp === undefined) throw new Fault('invalid request body', 'timestamp is missing');
  if (!/^\d+$/.test(timestamp))
    throw new Fault('invalid request body', 'timestamp is not a number of milliseconds');
  return {
    keyName,
    timestamp,
    ttl: ttl(fields.ttl),
    clientId: clientId(fields.clientId),
    capability: fields.capability === '' ? undefined : (fields.capability ?? undefined),
    nonce: string(fields, 'nonce'),
    mac: string(fields, 'mac'),
  };
}

/**
 * The texts that may have been signed for a capability: as it came, and in canonical order. The SDK
 * puts channels named like integers first, which canonical order does not.
 */
export function signedCapabilities(capability: unknown): readonly string[] {
  if (capability === undefined) return [''];
  const parsed = parsedOr(capability, undefined);
  const raw = typeof capability === 'string' ? [capability] : [];
  if (parsed === undefined) return raw;
  // Looked at first: parsed, it is known to be shallow.
  if (typeof capability === 'object') raw.push(JSON.stringify(capability));
  return [...raw, capabilityText(parsed)];
}

function parsedOr<T>(capability: unknown, otherwise: T): Capabilities | T {
  try {
    return parseCapability(capability);
  } catch {
    return otherwise;
  }
}

function string(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new Fault('invalid request body', `${name} is not a string`);
  return value;
}

/** Numbers may come as text, from a form or a query. */
function decimal(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Fault('invalid request body', 'timestamp is not a number');
}

function ttl(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (!/^\d+$/.test(text))
    throw new Fault('invalid parameter value', 'ttl is not a whole number of milliseconds');
  return text;
}

function clientId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Fault('invalid client id', 'it is not a string');
  if (value === '') throw new Fault('invalid client id', 'it is empty');
  return value;
}
