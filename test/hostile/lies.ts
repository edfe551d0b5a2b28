import { seededChance } from '../../src/chance.js';

const TEXTS = ['', ' ', '\u0000', '\ud800', '__proto__', 'constructor', 'null', '*', 'a\nb', 'ä'.repeat(300)];
const NUMBERS = [0, -0, -1, 0.5, 1e308, Number.POSITIVE_INFINITY, Number.NaN, 2 ** 53, 1_700_000_000];

/** Values that lie about type, length, depth and identity: the same ones for the same seed. */
export class Lies {
  readonly #chance: () => number;

  constructor(seed: number) {
    this.#chance = seededChance(seed);
  }

  get chance(): () => number {
    return this.#chance;
  }

  one<T>(all: readonly T[]): T {
    return all[Math.floor(this.#chance() * all.length)] as T;
  }

  /** A value of any type. */
  value(depth = 3): unknown {
    return this.one<() => unknown>([
      () => undefined,
      () => null,
      () => this.#chance() < 0.5,
      () => this.one(NUMBERS),
      () => BigInt(7),
      () => Symbol('a symbol'),
      () => () => this.value(0),
      () => this.text(),
      () => this.list(depth),
      () => this.record(depth),
      () => new Date(this.one(NUMBERS)),
      () => new Map([[this.text(), this.text()]]),
      () => new Uint8Array(3),
      () => new Error(this.text()),
      () => this.nested(Math.floor(this.#chance() * 300)),
      () => this.trap(),
      () => Promise.resolve(this.text()),
    ])();
  }

  text(): string {
    const text = this.one(TEXTS);
    return this.#chance() < 0.02 ? text.padEnd(70_000, 'x') : text;
  }

  /** A value that JSON can express. */
  plain(depth = 3): unknown {
    return this.one<() => unknown>([
      () => null,
      () => this.#chance() < 0.5,
      () => this.one(NUMBERS),
      () => this.text(),
      () => (depth > 0 ? [this.plain(depth - 1), this.plain(depth - 1)] : []),
      () => (depth > 0 ? { [this.text()]: this.plain(depth - 1) } : {}),
    ])();
  }

  list(depth: number): unknown[] {
    return depth > 0
      ? Array.from({ length: Math.floor(this.#chance() * 4) }, () => this.value(depth - 1))
      : [];
  }

  record(depth: number): object {
    const made: Record<string, unknown> = this.#chance() < 0.2 ? Object.create(null) : {};
    for (let left = Math.floor(this.#chance() * 4); left > 0 && depth > 0; left -= 1)
      Object.defineProperty(made, this.text(), {
        value: this.value(depth - 1),
        enumerable: true,
        configurable: true,
      });
    return made;
  }

  nested(depth: number): unknown {
    let made: unknown = 'deep';
    for (let level = 0; level < depth; level += 1) made = this.#chance() < 0.5 ? [made] : { a: made };
    return made;
  }

  /** An object that throws, or gives something else each time, when it is read. */
  trap(): object {
    const lie = (): never => {
      throw new Error('a trap');
    };
    return this.one([
      () => new Proxy({}, { get: lie, has: lie, ownKeys: lie, getPrototypeOf: lie }),
      () => Object.defineProperty({}, 'then', { get: lie, enumerable: true }),
      () => ({ toString: lie, valueOf: lie, toJSON: lie }),
      () => new Proxy({}, { get: (_target, name) => (typeof name === 'string' ? this.value(0) : undefined) }),
    ])();
  }

  /** An object with one of its fields, or a field more, replaced by a lie. */
  spoiled<T extends object>(whole: T, value: () => unknown = () => this.value()): T {
    const names = [...Object.keys(whole), this.text()];
    const copy: T = { ...whole };
    for (let left = 1 + Math.floor(this.#chance() * 2); left > 0; left -= 1)
      Object.defineProperty(copy, this.one(names), {
        value: value(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    return copy;
  }
}
