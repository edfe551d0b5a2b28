import { isA, textIn } from '../redaction/received.js';
import { redacted } from '../redaction/value.js';

/** The message of an error that user code threw, redacted. */
export function saidBy(thrown: unknown): string {
  const text =
    typeof thrown === 'string' ? thrown : isA(thrown, Error) ? (textIn(thrown, 'message') ?? '') : '';
  return text.trim() === '' ? 'no reason' : String(redacted(text.trim()));
}
