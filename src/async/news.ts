import type { Subscriber } from 'rxjs';

type Hearing<T> = Pick<Subscriber<T>, 'next' | 'complete'>;

/** What there is to tell, and who hears it: as rxjs's Subject, of which every page would pay for much more. */
export class News<T> {
  readonly #hearing = new Set<Hearing<T>>();

  /** Whether anybody hears it. */
  get isHeard(): boolean {
    return this.#hearing.size > 0;
  }

  /** @returns a function that ends it */
  add(one: Hearing<T>): () => void {
    this.#hearing.add(one);
    return () => this.#hearing.delete(one);
  }

  next(value: T): void {
    for (const one of [...this.#hearing]) one.next(value);
  }

  complete(): void {
    for (const one of [...this.#hearing]) one.complete();
    this.#hearing.clear();
  }
}
