import { Fault } from './fault.js';
import { isRecord } from './record.js';

/** A part of a JOSE token that is a JSON object in Base64. @throws {Fault} 40144 */
export function readJosePart(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new Fault('invalid JWT', 'it cannot be decoded');
}
