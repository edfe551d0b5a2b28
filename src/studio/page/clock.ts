import type { View } from '../messages.js';

/** The client's clock as the page knows it: what the last view said, and the time since. */
export class RemoteClock {
  #offset = performance.timeOrigin;

  set({ now }: View): void {
    this.#offset = now - performance.now();
  }

  now(): number {
    return performance.now() + this.#offset;
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
