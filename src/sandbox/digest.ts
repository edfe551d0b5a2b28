import { sha256Of } from '#sandbox-bytes';

/** A digest under which a secret is remembered: always short, and the secret cannot be read from it. */
export function digestOf(text: string): string {
  return sha256Of(text);
}
