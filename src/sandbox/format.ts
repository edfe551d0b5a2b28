import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import { isWellFormed } from './msgpack-shape.js';

/** How values are written on the wire. */
export type Format = 'json' | 'msgpack';

/** The SDK compares the whole content type: no charset (its Node build decodes no other error body). */
export const contentTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  msgpack: 'application/x-msgpack',
};

/** No message needs more levels; what goes through them one by one must not run out of stack. */
const DEEPEST = 64;

/** @throws {SyntaxError} when it is not a value in that format, or one of too many levels */
export function decode(format: Format, data: string | Uint8Array): unknown {
  const value = format === 'json' ? parse(data) : decodeMsgpack(data);
  if (!isShallow(value)) throw new SyntaxError('it is nested too deeply');
  return value;
}

export function encode(format: Format, value: unknown): string | Uint8Array<ArrayBuffer> {
  return format === 'json' ? JSON.stringify(value, withoutBinary) : pack(value, { ignoreUndefined: true });
}

/** JSON has no bytes: Base64 stands for them. A message's own data says so itself, in `encoding`. */
function withoutBinary(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

function parse(data: string | Uint8Array): unknown {
  return JSON.parse(typeof data === 'string' ? data : Buffer.from(data).toString('utf8'));
}

function decodeMsgpack(data: string | Uint8Array): unknown {
  if (typeof data === 'string' || !isWellFormed(data, DEEPEST))
    throw new SyntaxError('it is not MessagePack');
  try {
    return unpack(data);
  } catch {
    throw new SyntaxError('it is not MessagePack');
  }
}

/** Level by level, not by recursion. */
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
