import type { Clock, TimerHandle } from '../clock.js';
import type { Faults } from './faults.js';
import type { FrameData, Transport } from './protocol.js';

/** A transport with the current network faults: silent, or late, but always in order. */
export class FaultyTransport implements Transport {
  readonly #transport: Transport;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #late: (() => void)[] = [];
  readonly #timers = new Set<TimerHandle>();

  constructor(transport: Transport, faults: Faults, clock: Clock) {
    this.#transport = transport;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** Whether the service receives what the client sends. */
  get hears(): boolean {
    return !this.#faults.isSilent;
  }

  send(data: FrameData): void {
    if (!this.#faults.isSilent) this.#inOrder(() => this.#transport.send(data));
  }

  close(): void {
    this.#inOrder(() => this.#transport.close());
  }

  cut(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#late.length = 0;
    this.#transport.cut();
  }

  ping(): void {
    if (!this.#faults.isSilent) this.#inOrder(() => this.#transport.ping());
  }

  /** Each timer runs the first action of the queue, so no action overtakes another. */
  #inOrder(act: () => void): void {
    const ms = this.#faults.realtimeDelayMs;
    if (ms === 0 && this.#late.length === 0) {
      act();
      return;
    }
    this.#late.push(act);
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.#late.shift()?.();
    }, ms);
    this.#timers.add(timer);
  }
}
