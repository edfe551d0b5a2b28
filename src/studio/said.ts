import { redacted } from '../inspection/redacted.js';

/** What somebody else's function threw, in its own words, fit to be shown. */
export function saidBy(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : '';
  return text.trim() === '' ? 'no reason was given' : String(redacted(text.trim()));
}
