import type { Clock, TimerHandle } from '../clock.js';
import type { Faults } from './faults.js';
import type { FrameData, Transport } from './protocol.js';

/** A transport with the current network faults: silent, or late, but always in order. */
export class FaultyTransport implements Transport {
  readonly #transport: Transport;
  readonly #faults: Faults;
  readonly #clock: Clock;
  readonly #late: { readonly act: () => void; readonly lost?: (() => void) | undefined }[] = [];
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

  send(data: FrameData, lost?: () => void): void {
    if (this.#faults.isSilent) lost?.();
    else this.#inOrder(() => this.#transport.send(data), lost);
  }

  close(): void {
    this.#inOrder(() => this.#transport.close());
  }

  cut(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    for (const { lost } of this.#late.splice(0)) lost?.();
    this.#transport.cut();
  }

  ping(): void {
    if (!this.#faults.isSilent) this.#inOrder(() => this.#transport.ping());
  }

  /** Each timer runs the first action of the queue, so no action overtakes another. */
  #inOrder(act: () => void, lost?: () => void): void {
    const ms = this.#faults.realtimeDelayMs;
    if (ms === 0 && this.#late.length === 0) {
      act();
      return;
    }
    this.#late.push({ act, lost });
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      this.#late.shift()?.act();
    }, ms);
    this.#timers.add(timer);
  }
}
