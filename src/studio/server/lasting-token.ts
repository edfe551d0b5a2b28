import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that is valid as long as the studio runs, so that a program that is restarted finds its studio again. */
export class LastingToken {
  readonly text = randomBytes(24).toString('base64url');
  readonly #digest = digest(this.text);

  /** Whether this is the token. The comparison takes equally long for each text. */
  is(token: string): boolean {
    return timingSafeEqual(digest(token), this.#digest);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
