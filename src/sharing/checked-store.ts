import { invalidArgument } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import { disposed } from '../errors/closed-errors.js';
import type { SharingPort, StoredValue, StoreWrite } from './port.js';

/** How long a store may take to answer, ms. */
export const STORE_MS = 1_000;

/** The least that it is given, ms. */
const LEAST_MS = 50;

/** The store did not answer, or answered nonsense. */
export class StoreFault {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** A store whose answers are checked, and waited for only a while. Each method but `subscribe` rejects with a StoreFault. */
export class CheckedStore {
  readonly #port: SharingPort;
  readonly #clock: Clock;
  #limitMs = STORE_MS;
  #isOver = false;

  constructor(port: SharingPort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
  }

  /** Answers are waited for at most so long, ms: there is little time. */
  hurry(ms: number): void {
    this.#limitMs = Math.min(STORE_MS, Math.max(ms, LEAST_MS));
  }

  /** The member is disposed of: the store is asked nothing more. */
  end(): void {
    this.#isOver = true;
  }

  /** @throws {StoreFault} */
  subscribe(name: string, hear: () => void): () => void {
    try {
      const unsubscribe = this.#port.subscribe(name, hear);
      if (typeof unsubscribe === 'function') return () => giveBack(unsubscribe);
    } catch (cause) {
      throw new StoreFault(cause);
    }
    throw new StoreFault(invalidArgument('subscribe() of the store returned no function'));
  }

  async read(name: string): Promise<StoredValue | null> {
    const stored = await this.#answer(() => this.#port.read(name));
    if (stored === null) return null;
    const { epoch, value, ageMs } = Object(stored) as StoredValue;
    if (Number.isSafeInteger(epoch) && epoch > 0 && typeof value === 'string' && Number.isFinite(ageMs)) {
      return { epoch, value, ageMs };
    }
    throw new StoreFault(invalidArgument('the store returned neither null nor { epoch, value, ageMs }'));
  }

  write(name: string, write: StoreWrite): Promise<boolean> {
    return this.#answer(() => this.#port.write(name, write));
  }

  async lease(name: string, deadlineMs: number): Promise<(() => void) | null> {
    const asked = () => this.#port.lease(name, deadlineMs + STORE_MS);
    const release = await this.#answer(asked, giveBack);
    if (release === null) return null;
    if (typeof release === 'function') return () => giveBack(release);
    throw new StoreFault(invalidArgument('the store returned a lease that is neither null nor a function'));
  }

  /** @param late takes an answer that came too late */
  #answer<T>(ask: () => Promise<T>, late: (answer: T) => void = () => {}): Promise<T> {
    const clock = this.#clock;
    const storeMs = this.#limitMs;
    if (this.#isOver) return Promise.reject(disposed());
    return new Promise((resolve, reject) => {
      let isOver = false;
      const giveUp = () => {
        isOver = true;
        reject(new StoreFault(new Error(`it did not answer within ${storeMs} ms`)));
      };
      // In two parts: a process that stood still reads the answers that came meanwhile before the second one.
      let timer = clock.setTimeout(() => {
        timer = clock.setTimeout(giveUp, storeMs / 2);
      }, storeMs / 2);
      // At once: a member that leaves now must not ask any more.
      new Promise<T>((settle) => settle(ask())).then(
        (answer) => {
          clock.clearTimeout(timer);
          if (isOver) late(answer);
          else resolve(answer);
        },
        (cause) => {
          clock.clearTimeout(timer);
          reject(new StoreFault(cause));
        },
      );
    });
  }
}

/** Calls a function of the store. A lease that is not given back ends by itself. */
function giveBack(release: unknown): void {
  if (typeof release === 'function') new Promise((settle) => settle(release())).catch(() => {});
}
