import { isBranded } from '../errors/brand.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const BRAND: unique symbol = Symbol.for('latchkey.Secret') as never;

/**
 * A box for a secret: it can be handed on, but not printed, serialised, spread or cloned.
 * Only {@link Secret.expose} gives the content back.
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

  constructor(content: T, label = 'sealed') {
    this.#content = content;
    this.#label = label;
    // Vue makes no Proxy of what is frozen, and a Proxy of a box could not open it.
    Object.freeze(this);
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** What is inside. */
  expose(): T {
    return this.#content;
  }

  /** Nothing of what is inside. */
  toJSON(): unknown {
    return Secret.prototype.toString.call(this);
  }

  /** Nothing of what is inside. */
  toString(): string {
    return `[${#label in this ? this.#label : 'sealed'}]`;
  }

  /** Nothing of what is inside, for `console.log` in Node. */
  [INSPECT](): string {
    return Secret.prototype.toString.call(this);
  }
}

/** Whether it is a box, of this copy of the package or of another. */
export const isSecret = (value: unknown): value is Secret<unknown> =>
  isBranded(value, BRAND) && 'expose' in value && typeof value.expose === 'function';
