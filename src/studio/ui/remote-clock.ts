/** The client's clock, estimated in the page: its last known time, plus the time since, times its speed. */
export class RemoteClock {
  #at = 0;
  #heardAt = 0;
  #rate = 1;

  /** Sets the time. @param at the time of the client's clock, ms since the epoch */
  hear(at: number): void {
    this.#at = at;
    this.#heardAt = performance.now();
  }

  /** Sets the speed. @param rate how many times faster than real time the clock runs */
  runAt(rate: number): void {
    if (rate === this.#rate) return;
    this.hear(this.now());
    this.#rate = rate;
  }

  now(): number {
    return this.#at + (performance.now() - this.#heardAt) * this.#rate;
  }
}
