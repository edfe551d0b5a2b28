import { createHash } from 'node:crypto';

/** The SHA-256 of a text, as hexadecimal digits. */
export const sha256 = async (text: string): Promise<string | undefined> =>
  createHash('sha256').update(text).digest('hex');
