import { systemClock, type TimerHandle } from '../../clock.js';

/** How soon the folder is looked at again, ms: each time after twice as long, up to the last. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 5_000;

/** Finds the epoch of a name. */
type Look = (name: string) => Promise<number>;

/** Tells listeners that a value was written. Folders do not, on all platforms and file systems, so it looks. */
export class News {
  readonly #look: Look;
  readonly #watches = new Map<string, Watch>();

  constructor(look: Look) {
    this.#look = look;
  }

  subscribe(name: string, hear: () => void): () => void {
    const watch = this.#watches.get(name) ?? new Watch(() => this.#look(name));
    this.#watches.set(name, watch);
    // Two listeners can be the same function.
    const listener = { hear };
    watch.listeners.add(listener);
    // Many that come one after the other do not lead to a look each.
    watch.lookWithin(FIRST_LOOK_MS);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size > 0 || this.#watches.get(name) !== watch) return;
      watch.end();
      this.#watches.delete(name);
    };
  }

  /** This process has written a value. */
  note(name: string): void {
    this.#watches.get(name)?.lookWithin(0);
  }
}

/** Looks at one name while it has listeners. */
class Watch {
  readonly listeners = new Set<{ hear(): void }>();
  readonly #look: () => Promise<number>;
  /** undefined: it is not known yet. */
  #epoch: number | undefined;
  #timer: TimerHandle;
  /** When the next look is due, by the monotonic clock. */
  #dueAt = 0;
  #nextMs = FIRST_LOOK_MS;
  /** Changes with each plan. A look that began under another plan makes none. */
  #plan = 0;

  constructor(look: () => Promise<number>) {
    this.#look = look;
    this.#lookIn(0);
  }

  lookWithin(ms: number): void {
    this.#nextMs = FIRST_LOOK_MS;
    if (this.#dueAt > systemClock.monotonic() + ms) this.#lookIn(ms);
  }

  end(): void {
    this.#plan += 1;
    systemClock.clearTimeout(this.#timer);
  }

  #lookIn(ms: number): void {
    this.end();
    const plan = this.#plan;
    this.#dueAt = systemClock.monotonic() + ms;
    // By a timer even at once: a look belongs to no zone.
    this.#timer = systemClock.setTimeout(() => this.#lookNow(plan), ms);
  }

  async #lookNow(plan: number): Promise<void> {
    // The next read of the folder reports the fault.
    const epoch = await this.#look().catch(() => this.#epoch);
    if (plan !== this.#plan) return;
    const isNew = this.#epoch !== undefined && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (isNew) this.#nextMs = FIRST_LOOK_MS;
    this.#lookIn(this.#nextMs);
    this.#nextMs = Math.min(2 * this.#nextMs, LAST_LOOK_MS);
    if (isNew) for (const { hear } of [...this.listeners]) hear();
  }
}
