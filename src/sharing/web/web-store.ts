import { systemClock } from '../../clock.js';
import { entriesIn, fieldOf } from '../../redaction/received.js';
import { outsideZones } from '../../surroundings.js';
import type { SharingPort, StoredValue, StoreWrite } from '../port.js';
import { LONGEST_VALUE } from '../stored-token.js';

/** The APIs of a page or worker with which clients find each other. */
export interface WebPlatform {
  readonly locks: Pick<LockManager, 'request'>;
  readonly BroadcastChannel: new (name: string) => BroadcastChannel;
  readonly addEventListener?: typeof globalThis.addEventListener | undefined;
  readonly storage?: Pick<Storage, 'getItem' | 'setItem'> | undefined;
}

/** A value, as the members tell it to each other. */
interface Told {
  readonly epoch: number;
  readonly value: string;
  /** When it was written, by the wall clock of this device, and how long it counts, ms. */
  readonly at: number;
  readonly lifeMs: number;
}

/** The version of the messages is a part of the name: members of other versions do not hear them. */
const CHANNEL = 'latchkey-sharing-1';

/** How long a member that has just come waits for what the others know, ms. */
const ANSWER_MS = 100;

/** How many values are kept, and read from one message. */
const MOST = 50;

const MOST_EPOCHS = 2 ** 32;

/**
 * Keeps values in the memory of each page of an origin. They tell each other what they know; a Web Lock is the lease.
 * At rest there is no lock, and a page that is put away has no channel, so the back/forward cache can keep it.
 */
export class WebStore implements SharingPort {
  readonly port = 1;
  readonly #platform: WebPlatform;
  readonly #values = new Map<string, Told>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #releases = new Set<() => void>();
  #channel: BroadcastChannel | undefined;
  /** Resolves when the others have told what they know, or do not answer. */
  #told: Promise<unknown> = Promise.resolve();

  constructor(platform: WebPlatform) {
    this.#platform = platform;
    const listen = (names: readonly string[], hear: () => void) => {
      for (const name of names) outsideZones(() => platform.addEventListener?.(name, hear));
    };
    listen(['pagehide', 'freeze'], () => this.#close());
    listen(['pageshow', 'resume'], () => this.#listeners.size > 0 && this.#open());
  }

  async read(name: string): Promise<StoredValue | null> {
    outsideZones(() => this.#open());
    await this.#told;
    this.#load(name);
    const told = this.#values.get(name);
    if (told === undefined) return null;
    const ageMs = Math.max(0, systemClock.now() - told.at);
    return ageMs < told.lifeMs
      ? { epoch: told.epoch, value: told.value, ageMs }
      : { ...told, value: '', ageMs };
  }

  async write(name: string, { after, value, lifeMs }: StoreWrite): Promise<boolean> {
    this.#load(name);
    if ((this.#values.get(name)?.epoch ?? 0) !== after) return false;
    const told: Told = { epoch: after + 1, value, at: systemClock.now(), lifeMs };
    this.#keep(name, told);
    this.#platform.storage?.setItem(keyOf(name), JSON.stringify(told));
    this.#open();
    this.#tell([[name, told]]);
    return true;
  }

  subscribe(name: string, hear: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(hear));
    return () => {
      listeners.delete(hear);
      if (listeners.size === 0) this.#listeners.delete(name);
      // Nobody is there any more.
      if (this.#listeners.size === 0) this.#close();
    };
  }

  lease(name: string, ms: number): Promise<(() => void) | null> {
    return new Promise((resolve, reject) => {
      const hold = (lock: Lock | null) =>
        new Promise<void>((end) => {
          if (lock === null) {
            resolve(null);
            return end();
          }
          const release = () => {
            systemClock.clearTimeout(timer);
            this.#releases.delete(release);
            end();
          };
          const timer = systemClock.setTimeout(release, ms);
          this.#releases.add(release);
          resolve(release);
        });
      this.#platform.locks.request(keyOf(name), { ifAvailable: true }, hold).catch(reject);
    });
  }

  #open(): void {
    if (this.#channel !== undefined) return;
    const channel = new this.#platform.BroadcastChannel(CHANNEL);
    this.#channel = channel;
    // Only in Node: a channel must not keep the process alive.
    (channel as { unref?(): void }).unref?.();
    this.#told = new Promise<void>((resolve) => {
      const timer = systemClock.setTimeout(resolve, ANSWER_MS);
      channel.onmessage = ({ data }) => {
        if (fieldOf(data, 'wants') === true) return this.#tell([...this.#values].slice(-MOST));
        const entries = entriesIn(fieldOf(data, 'has'), MOST);
        for (const [name, told] of entries) if (isName(name) && isTold(told)) this.#keep(name, told);
        if (entries.length === 0) return;
        systemClock.clearTimeout(timer);
        resolve();
      };
    });
    channel.postMessage({ wants: true });
  }

  /** A page that is put away hears nothing; its locks would keep it out of the back/forward cache. */
  #close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    for (const release of [...this.#releases]) release();
  }

  #tell(entries: readonly (readonly [string, Told])[]): void {
    if (entries.length > 0) this.#channel?.postMessage({ has: Object.fromEntries(entries) });
  }

  /** Of two values, the one of the later epoch counts; at the same epoch, the one that was here first. */
  #keep(name: string, { epoch, value, at, lifeMs }: Told): void {
    if (epoch <= (this.#values.get(name)?.epoch ?? 0)) return;
    // The latest is the last.
    this.#values.delete(name);
    this.#values.set(name, { epoch, value, at, lifeMs });
    const [oldest = name] = this.#values.keys();
    if (this.#values.size > MOST) this.#values.delete(oldest);
    for (const hear of [...(this.#listeners.get(name) ?? [])]) hear();
  }

  #load(name: string): void {
    const text = this.#platform.storage?.getItem(keyOf(name)) ?? null;
    if (text === null || text.length > 2 * LONGEST_VALUE) return;
    try {
      const told: unknown = JSON.parse(text);
      if (isTold(told)) this.#keep(name, told);
    } catch {
      // Another script wrote something else there. The next write replaces it.
    }
  }
}

const keyOf = (name: string): string => `${CHANNEL}:${name}`;

const isName = (name: string): boolean => /^[\da-f]{64}$/.test(name);

function isTold(given: unknown): given is Told {
  const { epoch, value, at, lifeMs } = Object(given) as Told;
  return (
    Number.isSafeInteger(epoch) &&
    epoch > 0 &&
    epoch < MOST_EPOCHS &&
    typeof value === 'string' &&
    value.length <= LONGEST_VALUE &&
    Number.isFinite(at) &&
    lifeMs > 0
  );
}
