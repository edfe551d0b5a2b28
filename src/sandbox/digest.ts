import { createHash } from 'node:crypto';

/** A digest under which a secret is remembered: always short, and the secret cannot be read from it. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}
