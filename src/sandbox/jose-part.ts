import { fromBase64, textOf } from '#sandbox-bytes';
import { Fault } from './fault.js';
import { isRecord } from './record.js';

/** Decodes a part of a JOSE token: a JSON object in Base64. @throws {Fault} 40144 */
export function readJosePart(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(textOf(fromBase64(part)));
    if (isRecord(value)) return value;
  } catch {
    // The error follows below.
  }
  throw new Fault('invalid JWT', 'it cannot be decoded');
}
