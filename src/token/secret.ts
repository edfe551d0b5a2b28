import { isBranded } from '../errors/brand.js';
import { type TokenDetails, type TokenMetadata, tokenMetadata } from './token-details.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const BRAND: unique symbol = Symbol.for('latchkey.Secret') as never;

/**
 * Holds a secret value. It can be passed on, but not printed, serialised, spread or cloned. Only
 * {@link Secret.expose} returns the value.
 *
 * @example
 * ```ts
 * import { Secret } from 'latchkey/machines';
 *
 * const box = new Secret('a secret', 'key');
 * console.log(String(box), JSON.stringify({ box }), box.expose().length);
 * ```
 */
export class Secret<T> {
  readonly #content: T;
  readonly #label: string;

  constructor(content: T, label = 'secret') {
    this.#content = content;
    this.#label = label;
    // Vue makes no Proxy of what is frozen, and a Proxy of a box could not open it.
    Object.freeze(this);
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Returns the secret value. */
  expose(): T {
    return this.#content;
  }

  /** The label instead of the value. */
  toJSON(): unknown {
    return Secret.prototype.toString.call(this);
  }

  /** The label instead of the value. */
  toString(): string {
    return `[${#label in this ? this.#label : 'secret'}]`;
  }

  /** The label instead of the value, for `console.log` in Node. */
  [INSPECT](): string {
    return Secret.prototype.toString.call(this);
  }
}

/** Whether a value is a Secret, of this copy of the package or of another. */
export const isSecret = (value: unknown): value is Secret<unknown> =>
  isBranded(value, BRAND) && 'expose' in value && typeof value.expose === 'function';

/** A token whose serialised form has all fields but the token itself. */
export class SecretToken extends Secret<TokenDetails> {
  constructor(details: TokenDetails) {
    super(details, 'token');
  }

  override toJSON(): TokenMetadata & { readonly token: '[token]' } {
    // A Proxy of it knows nothing of the token.
    return { token: '[token]', ...(String(this) === '[token]' ? tokenMetadata(this.expose()) : {}) };
  }
}
