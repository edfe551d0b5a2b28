import type { Clock } from '../clock.js';

/**
 * What time it is at the server. Asked once, then kept as an offset of the local wall clock.
 * @see RSA10k
 */
export class ServerTime {
  readonly #clock: Clock;
  readonly #ask: (signal: AbortSignal) => Promise<number>;
  #offsetMs: number | undefined;

  constructor(clock: Clock, ask: (signal: AbortSignal) => Promise<number>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Server minus local wall clock, ms; undefined until the server was asked. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** Without a question to the server: by the offset, if there is one. */
  local(): number {
    return this.#clock.now() + (this.#offsetMs ?? 0);
  }

  /** @param query whether to ask the server, if it was not asked before */
  async now(query: boolean, signal: AbortSignal): Promise<number> {
    if (query && this.#offsetMs === undefined) {
      const time = await this.#ask(signal);
      this.#offsetMs = time - this.#clock.now();
    }
    return this.local();
  }
}
