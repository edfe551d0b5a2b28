import { BoundedMap } from './bounded-map.js';
import type { Message } from './protocol.js';
import { bytesOf } from './published.js';

/** The highest number of messages of a channel, and the highest size of all messages together, bytes. */
const MOST_IN_CHANNEL = 1_000;
const MOST_BYTES = 32 * 1024 * 1024;
/** The size of a message without its content, bytes. */
const BYTES_OF_ONE = 512;

/** Which messages are requested, and how many. */
export interface HistoryQuery {
  readonly direction: 'backwards' | 'forwards';
  readonly limit: number;
  /** The period, ms since the epoch, both ends included. */
  readonly start: number;
  readonly end: number;
  /** Only messages after this one, in the direction of the query; undefined: all. */
  readonly after: number | undefined;
  /** Only messages up to this serial; undefined: all. @see RTL10b */
  readonly upTo: number | undefined;
}

export interface HistoryPage {
  readonly messages: readonly Message[];
  /** Where the next page begins; undefined: this is the last page. */
  readonly next: number | undefined;
}

interface Entry {
  readonly at: number;
  readonly channelId: string;
  readonly timestamp: number;
  readonly message: Message;
}

/** The messages on the channels of one sandbox, as far back as the limits allow. */
export class History {
  readonly #channels = new Map<string, Map<number, Entry>>();
  readonly #all = new BoundedMap<number, Entry>(
    MOST_BYTES,
    (entry) => BYTES_OF_ONE + bytesOf(entry.message),
    (entry) => this.#forget(entry),
  );
  #count = 0;

  add(channelId: string, timestamp: number, messages: readonly Message[]): void {
    for (const message of messages) {
      this.#count += 1;
      const entry = { at: this.#count, channelId, timestamp, message };
      const channel = this.#channels.get(channelId) ?? new Map<number, Entry>();
      this.#channels.set(channelId, channel.set(entry.at, entry));
      this.#all.set(entry.at, entry);
      const [oldest] = channel.keys();
      if (channel.size > MOST_IN_CHANNEL && oldest !== undefined) this.#all.delete(oldest);
    }
  }

  page(channelId: string, { direction, limit, start, end, after, upTo }: HistoryQuery): HistoryPage {
    const all = [...(this.#channels.get(channelId)?.values() ?? [])];
    const ordered = direction === 'backwards' ? all.reverse() : all;
    const isAfter = ({ at }: Entry) =>
      after === undefined || (direction === 'backwards' ? at < after : at > after);
    const isBefore = ({ message }: Entry) =>
      upTo === undefined || Number.parseInt(String(message.serial), 10) <= upTo;
    const wanted = ordered.filter(
      (one) => isAfter(one) && isBefore(one) && one.timestamp >= start && one.timestamp <= end,
    );
    const page = wanted.slice(0, limit);
    return {
      messages: page.map(({ message }) => message),
      next: wanted.length > page.length ? page.at(-1)?.at : undefined,
    };
  }

  get size(): number {
    return this.#all.size;
  }

  #forget({ channelId, at }: Entry): void {
    const channel = this.#channels.get(channelId);
    channel?.delete(at);
    if (channel?.size === 0) this.#channels.delete(channelId);
  }
}
