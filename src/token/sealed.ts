const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A box for a secret: it can be handed on, but not printed, serialised, spread or cloned.
 * Only {@link Sealed.open} gives the content back.
 */
export class Sealed<T> {
  readonly #content: T;
  readonly #label: string;

  constructor(content: T, label = 'sealed') {
    this.#content = content;
    this.#label = label;
  }

  open(): T {
    return this.#content;
  }

  toJSON(): string {
    return `[${this.#label}]`;
  }

  toString(): string {
    return `[${this.#label}]`;
  }

  [INSPECT](): string {
    return `[${this.#label}]`;
  }
}
