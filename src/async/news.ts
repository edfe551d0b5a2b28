import type { Subscriber } from 'rxjs';

/** Receives the values and the completion of a {@link News}. */
export type Receiver<T> = Pick<Subscriber<T>, 'next' | 'complete'>;

/** Passes values on to its receivers, as a Subject of rxjs does, with less code. */
export class News<T> {
  readonly #receivers = new Set<Receiver<T>>();

  /** Whether it has a receiver. */
  get isHeard(): boolean {
    return this.#receivers.size > 0;
  }

  /** @returns a function that removes the receiver */
  add(one: Receiver<T>): () => void {
    this.#receivers.add(one);
    return () => this.#receivers.delete(one);
  }

  next(value: T): void {
    for (const one of [...this.#receivers]) one.next(value);
  }

  complete(): void {
    for (const one of [...this.#receivers]) one.complete();
    this.#receivers.clear();
  }
}
