import { textOf } from '#sandbox-bytes';
import type { Clock } from '../clock.js';
import { Fault } from './fault.js';
import { decode } from './format.js';
import { isRecord } from './record.js';

/** The longest body. No request to this API needs more. */
const MAX_BYTES = 1024 * 1024;

/** How long a body may take to arrive, ms. */
const BODY_TIMEOUT_MS = 10_000;

/**
 * Decodes the body of a request: JSON, MessagePack or a form; undefined if it is empty. @throws {Fault} 40001
 */
export async function bodyOf(request: Request, clock: Clock): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  const bytes = await bytesOf(request, clock);
  if (bytes.length === 0) return undefined;
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    return Object.fromEntries(new URLSearchParams(textOf(bytes)));
  }
  try {
    return decode(/msgpack/i.test(type) ? 'msgpack' : 'json', bytes);
  } catch {
    throw new Fault('invalid request body', 'it cannot be decoded');
  }
}

/** The fields of the body; none if the body is empty. @throws {Fault} 40001 */
export async function fieldsOf(request: Request, clock: Clock): Promise<Record<string, unknown>> {
  const value = (await bodyOf(request, clock)) ?? {};
  if (isRecord(value)) return value;
  throw new Fault('invalid request body', 'it must be an object');
}

async function bytesOf(request: Request, clock: Clock): Promise<Uint8Array> {
  const { body } = request;
  if (body === null) return new Uint8Array(0);
  // Firefox has no stream there. Such a request comes from the page itself, so it has arrived.
  if (body === undefined) return withinLimit(new Uint8Array(await request.arrayBuffer()));
  const reader = body.getReader();
  let isLate = false;
  const timer = clock.setTimeout(() => {
    isLate = true;
    reader.cancel().catch(() => {});
  }, BODY_TIMEOUT_MS);
  try {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.byteLength;
      if (bytes > MAX_BYTES) {
        reader.cancel().catch(() => {});
        throw tooLarge();
      }
      parts.push(part.value);
    }
    if (isLate) throw new Fault('request body too slow');
    return joined(parts, bytes);
  } finally {
    clock.clearTimeout(timer);
  }
}

function withinLimit(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_BYTES) throw tooLarge();
  return bytes;
}

const tooLarge = (): Fault => new Fault('request body too large', `it is longer than ${MAX_BYTES} bytes`);

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
