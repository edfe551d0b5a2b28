import type { Clock } from '../../clock.js';
import type { Environment } from '../../environment.js';
import { entriesIn, fieldOf, parseJson } from '../../redaction/received.js';
import { outsideZones } from '../../surroundings.js';
import { LONGEST_VALUE } from '../longest-value.js';
import type { SharingPort, StoredValue, StoreWrite } from '../port.js';

/** The APIs of a page or worker with which clients find each other. */
export interface WebPlatform {
  readonly locks: Pick<LockManager, 'request'>;
  readonly BroadcastChannel: new (name: string) => BroadcastChannel;
  readonly clock: Clock;
  readonly watch: Environment['watch'];
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null | undefined;
}

/** A value, as pages send it to each other and as it is stored. */
interface Entry {
  readonly epoch: number;
  readonly value: string;
  /** When it was written, by the wall clock of this device, ms. */
  readonly at: number;
  /** How long it counts, ms. */
  readonly lifeMs: number;
}

/** A value in the memory of this page. */
interface Kept extends Entry {
  /** When it was written, by the monotonic clock of this page, ms. */
  readonly since: number;
}

/** The version of the messages is a part of the name: members of other versions do not hear them. */
export const CHANNEL = 'latchkey-sharing-1';

/** How long a page that has just opened the channel waits for what the others know, ms. */
const ANSWER_MS = 100;

/** After this time each page has heard a message, also where many pages start at once, ms. */
const DELIVERY_MS = 3_000;

/** How many values are kept, and read from one message. */
const MOST = 50;

/** Epochs rise by one, so a larger one is a lie. */
const MOST_EPOCHS = 2 ** 32;

/**
 * Keeps values in the memory of each page of an origin. The pages tell each other what they know; a Web Lock is the
 * lease. At rest no lock is held. A page that is frozen, or that goes into the back/forward cache, gives its locks back
 * and closes its channel; when it returns, it asks the others.
 */
export class WebStore implements SharingPort {
  readonly port = 1;
  readonly #platform: WebPlatform;
  readonly #values = new Map<string, Kept>();
  /** The names that clients of this page asked for. */
  readonly #asked = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #releases = new Set<() => void>();
  #channel: BroadcastChannel | undefined;
  /** Resolves when another page has said what it knows, or none has answered in time. */
  #answered: Promise<void> = Promise.resolve();
  #stopWaiting = () => {};
  #unwatch: (() => void) | undefined;

  constructor(platform: WebPlatform) {
    this.#platform = platform;
  }

  async read(name: string): Promise<StoredValue | null> {
    await this.#learn(name);
    const kept = this.#values.get(name);
    return kept === undefined ? null : { epoch: kept.epoch, ...this.#now(kept) };
  }

  async write(name: string, { after, value, lifeMs }: StoreWrite): Promise<boolean> {
    if (after + 1 >= MOST_EPOCHS) throw new Error('another script of the origin wrote a false epoch');
    await this.#learn(name);
    const turn = this.#turn(name);
    // Of two pages that write at the same moment, the second is refused until it has heard of the first.
    const release = turn === `${name}:${after}` ? await this.#lock(turn, DELIVERY_MS) : null;
    if (release === null) return false;
    if (this.#turn(name) !== turn) {
      release();
      return false;
    }
    this.#keep(name, { epoch: after + 1, value, at: this.#platform.clock.now(), lifeMs });
    this.#tell(([told]) => told === name);
    try {
      this.#platform.storage?.setItem(CHANNEL, JSON.stringify(this.#entries()));
    } catch {
      // There is no room. The other pages know it already.
    }
    return true;
  }

  subscribe(name: string, hear: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(hear));
    this.#open();
    return () => {
      listeners.delete(hear);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
      if (this.#listeners.size > 0) return;
      this.#close();
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }

  async lease(name: string, ms: number): Promise<(() => void) | null> {
    const release = await this.#lock(name, ms);
    if (release === null) return null;
    // Another page may have just written, which this one has not heard yet.
    if ((await this.#lock(this.#turn(name), 0)) !== null) return release;
    release();
    return null;
  }

  /** The name of the lock for the write that is the next one, as far as this page knows. */
  #turn(name: string): string {
    return `${name}:${this.#values.get(name)?.epoch ?? 0}`;
  }

  /** @param ms when it is given back at the latest; 0: at once */
  #lock(name: string, ms: number): Promise<(() => void) | null> {
    const { locks, clock } = this.#platform;
    return new Promise((resolve, reject) => {
      const hold = (lock: Lock | null) => {
        if (lock === null) return resolve(null);
        if (ms === 0) return resolve(() => {});
        return new Promise<void>((end) => {
          const release = () => {
            clock.clearTimeout(timer);
            this.#releases.delete(release);
            end();
          };
          const timer = clock.setTimeout(release, ms);
          this.#releases.add(release);
          resolve(release);
        });
      };
      locks.request(`${CHANNEL}:${name}`, { ifAvailable: true }, hold).catch(reject);
    });
  }

  /** Asks the other pages once, and looks into the storage. */
  async #learn(name: string): Promise<void> {
    this.#asked.add(name);
    this.#open();
    await this.#answered;
    const text = this.#platform.storage?.getItem(CHANNEL) ?? '';
    if (text.length > 2 * LONGEST_VALUE) return;
    try {
      this.#hear(parseJson(text));
    } catch {
      // There is nothing, or another script wrote something else there. The next write replaces it.
    }
  }

  #open(): void {
    if (this.#channel === undefined) outsideZones(() => this.#connect());
  }

  #connect(): void {
    const { BroadcastChannel: Channel, clock, watch } = this.#platform;
    const channel = new Channel(CHANNEL);
    this.#channel = channel;
    // Only in Node: a channel must not keep the process alive.
    (channel as { unref?(): void }).unref?.();
    const openedAt = clock.monotonic();
    this.#answered = new Promise((resolve) => {
      // In a busy page or machine, the answers are late too.
      const again = () => {
        if (clock.monotonic() - openedAt < 1.5 * ANSWER_MS) resolve();
        else timer = clock.setTimeout(resolve, ANSWER_MS);
      };
      let timer = clock.setTimeout(again, ANSWER_MS);
      this.#stopWaiting = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
    channel.onmessage = ({ data }) => {
      if (fieldOf(data, 'wants') === true) this.#tell(() => true);
      else if (this.#hear(fieldOf(data, 'has'))) this.#stopWaiting();
    };
    channel.postMessage({ wants: true });
    this.#unwatch ??= watch((what) => {
      if (what === 'frozen') this.#close();
      if (what === 'awake' && this.#listeners.size > 0) this.#open();
    });
  }

  #close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#stopWaiting();
    for (const release of [...this.#releases]) release();
  }

  /** The age of a value, and what is left of it: once it has expired, its epoch. */
  #now({ value, at, since, lifeMs }: Kept): { readonly value: string; readonly ageMs: number } {
    const { clock } = this.#platform;
    // A wall clock that was set back makes nothing younger, and what comes from the future is of no known age.
    const ageMs = Math.max(clock.monotonic() - since, Math.abs(clock.now() - at));
    return { value: ageMs < lifeMs ? value : '', ageMs };
  }

  /** What this page knows. */
  #entries(): Record<string, Entry> {
    const now = this.#platform.clock.now();
    const entries = [...this.#values].map(([name, kept]) => {
      const { value, ageMs } = this.#now(kept);
      return [name, { epoch: kept.epoch, value, at: now - ageMs, lifeMs: kept.lifeMs }] as const;
    });
    return Object.fromEntries(entries);
  }

  #tell(isMeant: (entry: readonly [name: string, entry: Entry]) => boolean): void {
    const entries = Object.entries(this.#entries()).filter(isMeant);
    if (entries.length > 0) this.#channel?.postMessage({ has: Object.fromEntries(entries) });
  }

  /** Whatever comes from outside: what is no value is passed over. Returns whether there was anything. */
  #hear(given: unknown): boolean {
    const entries = entriesIn(given, MOST);
    for (const [name, entry] of entries) if (isName(name) && isEntry(entry)) this.#keep(name, entry);
    return entries.length > 0;
  }

  /** Of two values, the one of the later epoch counts; at the same epoch, the one that was here first. */
  #keep(name: string, { epoch, value, at, lifeMs }: Entry): void {
    if (epoch <= (this.#values.get(name)?.epoch ?? 0)) return;
    const { clock } = this.#platform;
    // The latest is the last.
    this.#values.delete(name);
    this.#values.set(name, {
      epoch,
      value,
      at,
      lifeMs,
      since: clock.monotonic() - Math.abs(clock.now() - at),
    });
    // What this page needs is not dropped for what others sent.
    const oldest = [...this.#values.keys()].find((one) => !this.#asked.has(one));
    if (this.#values.size > MOST && oldest !== undefined) this.#values.delete(oldest);
    for (const hear of [...(this.#listeners.get(name) ?? [])]) hear();
  }
}

const isName = (name: string): boolean => /^[\da-f]{64}$/.test(name);

function isEntry(given: unknown): given is Entry {
  const [epoch, at, lifeMs] = ['epoch', 'at', 'lifeMs'].map((name) => fieldOf(given, name)) as number[];
  const value = fieldOf(given, 'value');
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_VALUE &&
    Number.isSafeInteger(epoch) &&
    (epoch as number) > 0 &&
    (epoch as number) < MOST_EPOCHS &&
    Number.isFinite(at) &&
    Number.isFinite(lifeMs)
  );
}
