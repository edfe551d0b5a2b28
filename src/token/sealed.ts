import { isBranded } from '../brand.js';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const BRAND: unique symbol = Symbol.for('latchkey.Sealed') as never;

/**
 * A box for a secret: it can be handed on, but not printed, serialised, spread or cloned.
 * Only {@link Sealed.open} gives the content back.
 *
 * @example
 * ```ts
 * import { Sealed } from 'latchkey/machines';
 *
 * const box = new Sealed('a secret', 'key');
 * console.log(String(box), JSON.stringify({ box }), box.open().length);
 * ```
 */
export class Sealed<T> {
  readonly #content: T;
  readonly #label: string;

  constructor(content: T, label = 'sealed') {
    this.#content = content;
    this.#label = label;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** What is inside. */
  open(): T {
    return this.#content;
  }

  /** Nothing of what is inside. */
  toJSON(): unknown {
    return `[${this.#label}]`;
  }

  /** Nothing of what is inside. */
  toString(): string {
    return `[${this.#label}]`;
  }

  /** Nothing of what is inside, for `console.log` in Node. */
  [INSPECT](): string {
    return `[${this.#label}]`;
  }
}

/** Whether it is a box, of this copy of the package or of another. */
export const isSealed = (value: unknown): value is Sealed<unknown> =>
  isBranded(value, BRAND) && 'open' in value && typeof value.open === 'function';
