import { type Capabilities, capabilityText, parseCapability } from './capability.js';
import { Fault } from './fault.js';

/** The body of a request. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a TokenRequest, checked by type; undefined if absent. */
export interface TokenRequestFields {
  readonly keyName: string;
  /** Decimal text, as it was signed. */
  readonly timestamp: string;
  readonly ttl: string | undefined;
  readonly clientId: string | undefined;
  readonly capability: unknown;
  readonly nonce: string | undefined;
  readonly mac: string | undefined;
}

/**
 * Reads the fields.
 * @throws {Fault} 40001 for a field that is missing or of the wrong type, 40003 for ttl, 40012 for clientId
 */
export function readTokenRequest(fields: Fields): TokenRequestFields {
  const keyName = string(fields, 'keyName');
  const timestamp = decimal(fields.timestamp);
  if (keyName === undefined) throw new Fault('invalid request body', 'keyName is missing');
  if (timestamp === undefined) throw new Fault('invalid request body', 'timestamp is missing');
  if (!/^\d+$/.test(timestamp)) throw new Fault('invalid request body', 'timestamp must be a number of ms');
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
 * The texts of a capability that may have been signed: the received text, and the canonical one. The SDK puts
 * channels named like integers first, the canonical order does not.
 */
export function signedCapabilities(capability: unknown): readonly string[] {
  if (capability === undefined) return [''];
  const parsed = parsedOr(capability, undefined);
  const raw = typeof capability === 'string' ? [capability] : [];
  if (parsed === undefined) return raw;
  // The value was parsed above, so it is not nested too deeply for JSON.stringify().
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
  if (typeof value !== 'string') throw new Fault('invalid request body', `${name} must be a string`);
  return value;
}

/** Reads a number, which may be a text in a form or a query. */
function decimal(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Fault('invalid request body', 'timestamp must be a number');
}

function ttl(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (!/^\d+$/.test(text)) throw new Fault('invalid parameter value', 'ttl must be a whole number of ms');
  return text;
}

function clientId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Fault('invalid client id', 'it must be a string');
  if (value === '') throw new Fault('invalid client id', 'it is empty');
  return value;
}
