import { systemClock } from '../../clock.js';
import { soon } from '../../platform/globals.js';
import { platformRandomBytes } from '../../platform/random-bytes.js';
import { isA } from '../../redaction/received.js';
import { LONGEST_VALUE } from '../longest-value.js';
import type { SharingPort, StoredValue, StoreWrite } from '../port.js';
import type { RunScript } from './client.js';
import type { Encryption } from './encryption.js';
import { Poll } from './poll.js';
import { LEASE, READ, RELEASE, WRITE } from './scripts.js';

/** A value of the longest length, encrypted, bytes: UTF-8 has up to three for a letter, and Base64 four for three. */
const LONGEST_STORED = 4 * LONGEST_VALUE + 1_000;

/** How many names are remembered, and with which values: those of the length of a token, as encrypted. */
const MOST = 1_000;
const LONGEST_REMEMBERED = 16_384;

/** What this process knows of a name. */
interface Known {
  /** Epoch and moment of the stored value, as they stand before it. '': there was none. */
  readonly head: string;
  readonly epoch: number;
  /** The value, if it is short, so that it is decrypted once. undefined in it: it cannot be decrypted. */
  readonly opened?: { readonly encrypted: string; readonly value: string | undefined } | undefined;
  /** How far the clock of Redis is ahead of the monotonic clock of this process, µs. Servers of a cluster differ. */
  readonly aheadUs: number;
}

/** Keeps values in Redis, encrypted. All keys of a name are in one slot of a cluster. */
export class RedisStore implements SharingPort {
  readonly port = 1;
  readonly #run: RunScript;
  readonly #encryption: Encryption;
  readonly #prefix: string;
  readonly #known = new Map<string, Known>();
  readonly #polls = new Map<string, Poll>();
  /** The reads that began in this moment. The clients of a process often read together. */
  readonly #reads = new Map<string, Promise<StoredValue | null>>();

  constructor(run: RunScript, encryption: Encryption, prefix: string) {
    this.#run = run;
    this.#encryption = encryption;
    this.#prefix = prefix;
  }

  read(name: string): Promise<StoredValue | null> {
    const begun = this.#reads.get(name);
    if (begun !== undefined) return begun;
    const read = this.#read(name);
    this.#reads.set(name, read);
    // A later caller may have seen something since, so it reads anew.
    soon(() => this.#reads.delete(name));
    return read;
  }

  async #read(name: string): Promise<StoredValue | null> {
    const { epoch, head, encrypted, ageMs } = await this.#look(name);
    if (epoch === 0) return null;
    const storedOf = (value: string | undefined) => (value === undefined ? null : { epoch, value, ageMs });
    const before = this.#known.get(name)?.opened;
    if (before !== undefined && before.encrypted === encrypted) return storedOf(before.value);
    const value = await this.#encryption.decrypt(encrypted, placeOf(name, epoch));
    const known = this.#known.get(name);
    if (known?.head === head) this.#known.set(name, { ...known, opened: openedOf(encrypted, value) });
    return storedOf(value);
  }

  async write(name: string, { after, value, lifeMs }: StoreWrite): Promise<boolean> {
    const times = this.#times(name, lifeMs);
    const known = this.#known.get(name);
    // A value that cannot be decrypted counts as absent, and is replaced.
    const isUnreadable = known?.opened !== undefined && known.opened.value === undefined;
    const seen = known !== undefined && (isUnreadable ? 0 : known.epoch) === after ? known.head : '';
    const encrypted = await this.#encryption.encrypt(value, placeOf(name, after + 1));
    const args = [...times, String(after), seen, String(after + 1), encrypted];
    const reply = await this.#run(WRITE, this.#keyOf(name, 'value'), args);
    if (reply === null) return false;
    const head = textOf(reply);
    if (head === undefined || epochIn(head) !== after + 1) throw nonsense();
    const opened = openedOf(encrypted, value);
    if (known !== undefined) this.#note(name, { ...known, head, epoch: after + 1, opened });
    return true;
  }

  subscribe(name: string, listener: () => void): () => void {
    const poll = this.#polls.get(name) ?? new Poll(() => this.#look(name));
    this.#polls.set(name, poll);
    const remove = poll.add(listener);
    return () => {
      remove();
      if (poll.isOver && this.#polls.get(name) === poll) this.#polls.delete(name);
    };
  }

  async lease(name: string, ms: number): Promise<(() => Promise<void>) | null> {
    const key = this.#keyOf(name, 'lease');
    const owner = Array.from(platformRandomBytes(16), (byte) => (byte + 256).toString(16).slice(1)).join('');
    const reply = await this.#run(LEASE, key, [...this.#times(name, ms), owner]);
    if (reply === null) return null;
    if (textOf(reply) !== 'OK') throw nonsense();
    return async () => {
      await this.#run(RELEASE, key, [owner]);
    };
  }

  /** Reads without decrypting. Listeners are told if the value is another one than before. */
  async #look(name: string) {
    const reply = await this.#run(READ, this.#keyOf(name, 'value'), [String(LONGEST_STORED)]);
    const [time, value] = Array.isArray(reply) && reply.length === 2 ? reply : [];
    const now = Number(textOf(time) ?? Number.NaN);
    const stored = value === null ? '' : textOf(value);
    if (!Number.isSafeInteger(now) || stored === undefined || stored.length > LONGEST_STORED)
      throw nonsense();
    const [head = ''] = /^\d+ \d+ /.exec(stored) ?? [];
    const epoch = epochIn(head);
    this.#note(name, { head, epoch, aheadUs: now - systemClock.monotonic() * 1_000 });
    const ageMs = Math.max(0, now - Number(head.split(' ')[1])) / 1_000;
    return { head, epoch, ageMs, encrypted: stored.slice(head.length) };
  }

  #note(name: string, known: Known): void {
    const before = this.#known.get(name);
    const isNews = before?.head !== known.head;
    // The latest is the last.
    this.#known.delete(name);
    const [oldest = name] = this.#known.keys();
    if (this.#known.size >= MOST) this.#known.delete(oldest);
    this.#known.set(name, isNews ? known : { ...known, opened: before.opened });
    if (isNews) this.#polls.get(name)?.tell();
  }

  /** What each script with a time gets: the present moment by the clock of Redis, if it is known, and the time. */
  #times(name: string, ms: number): readonly [sentUs: string, ms: string] {
    const aheadUs = this.#known.get(name)?.aheadUs;
    const sent = aheadUs === undefined ? '' : String(Math.round(systemClock.monotonic() * 1_000 + aheadUs));
    return [sent, String(Math.floor(Math.min(ms, Number.MAX_SAFE_INTEGER)))];
  }

  #keyOf(name: string, part: 'value' | 'lease'): string {
    return `${this.#prefix}{${name}}:${part}`;
  }
}

/** A value that was moved to another name, or repeated as another epoch, cannot be decrypted. */
export const placeOf = (name: string, epoch: number): string => `1 ${name} ${epoch}`;

function openedOf(encrypted: string, value: string | undefined): Known['opened'] {
  if (encrypted.length <= LONGEST_REMEMBERED) return { encrypted, value };
  return value === undefined ? { encrypted: '', value } : undefined;
}

function epochIn(head: string): number {
  const epoch = Number.parseInt(head, 10);
  return Number.isSafeInteger(epoch) ? epoch : 0;
}

/** A client may be set to return bytes. */
function textOf(reply: unknown): string | undefined {
  if (typeof reply === 'string') return reply;
  return isA(reply, Uint8Array) ? new TextDecoder().decode(reply) : undefined;
}

const nonsense = (): Error => new Error('Redis answered with something else than the script returns');
