import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tokens that each work once. */
export class OneTimeTokens {
  #unused: Buffer[] = [];

  /** A new token, for an address. */
  issue(): string {
    const token = randomBytes(24).toString('base64url');
    this.#unused.push(digest(token));
    return token;
  }

  /** Uses a token. @returns whether it was valid and unused */
  use(token: string): boolean {
    const given = digest(token);
    const index = this.#unused.findIndex((one) => timingSafeEqual(one, given));
    if (index === -1) return false;
    this.#unused.splice(index, 1);
    return true;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
