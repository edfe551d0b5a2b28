import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import { textOf, toBase64 } from '#sandbox-bytes';
import { isWellFormed } from './msgpack-shape.js';

/** The encoding of values on the wire. */
export type Format = 'json' | 'msgpack';

/**
 * The SDK compares the whole content type, so it has no charset: its Node build decodes error bodies of no
 * other type.
 */
export const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
};

/** The deepest nesting: no message needs more, and recursive code must not exhaust the stack. */
const DEEPEST = 64;

/** Decodes a value. @throws {SyntaxError} if it is invalid in that format, or nested too deeply */
export function decode(format: Format, data: string | Uint8Array): unknown {
  const value = format === 'json' ? parse(data) : decodeMsgpack(data);
  if (!isShallow(value)) throw new SyntaxError('it is nested too deeply');
  return value;
}

export function encode(format: Format, value: unknown): string | Uint8Array<ArrayBuffer> {
  return format === 'json' ? JSON.stringify(value, withoutBinary) : pack(value, { ignoreUndefined: true });
}

/** JSON has no bytes, so they are written as Base64. A message's own data says so in `encoding`. */
function withoutBinary(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toBase64(value) : value;
}

function parse(data: string | Uint8Array): unknown {
  return JSON.parse(typeof data === 'string' ? data : textOf(data));
}

function decodeMsgpack(data: string | Uint8Array): unknown {
  if (typeof data === 'string' || !isWellFormed(data, DEEPEST))
    throw new SyntaxError('it must be MessagePack');
  try {
    return unpack(data);
  } catch {
    throw new SyntaxError('it must be MessagePack');
  }
}

/** Checks level by level: a recursion could exhaust the stack. */
function isShallow(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return false;
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null || ArrayBuffer.isView(one)) continue;
      for (const inner of Object.values(one))
        if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  return true;
}
