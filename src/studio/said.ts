import { isA, textIn } from '../redaction/received.js';
import { redacted } from '../redaction/value.js';

/** What somebody else's function threw, in its own words, fit to be shown. */
export function saidBy(thrown: unknown): string {
  const text =
    typeof thrown === 'string' ? thrown : isA(thrown, Error) ? (textIn(thrown, 'message') ?? '') : '';
  return text.trim() === '' ? 'no reason was given' : String(redacted(text.trim()));
}
