import { createHash } from 'node:crypto';

/** What a secret is remembered by: always as short, and of no use to anybody. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}
