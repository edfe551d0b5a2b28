/** The client's clock as the page knows it: what it said last, and the time since, as fast as it runs. */
export class RemoteClock {
  #at = 0;
  #heardAt = 0;
  #rate = 1;

  /** @param at what the client's clock says now, ms since the epoch */
  hear(at: number): void {
    this.#at = at;
    this.#heardAt = performance.now();
  }

  /** @param rate how many times as fast as time it runs from now on */
  runAt(rate: number): void {
    if (rate === this.#rate) return;
    this.hear(this.now());
    this.#rate = rate;
  }

  now(): number {
    return this.#at + (performance.now() - this.#heardAt) * this.#rate;
  }
}

const format = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

export function timeText(at: number): string {
  return format.format(at);
}
