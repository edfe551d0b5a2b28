import type { LogHandler } from '../log/log.js';
import { callUser, faultLog } from '../log/user-callback.js';
import { inThisZone } from '../surroundings.js';

/**
 * A list of listeners. Each is called in the zone (zone.js) in which it was added. An error that one listener throws
 * is logged; the other listeners are still called, and the caller does not see the error.
 */
export class Listeners<T, Note = undefined> {
  readonly #log: LogHandler;
  readonly #name: string;
  /** Most lists stay empty, so this is made for the first listener. */
  #all: Set<{ readonly hear: (told: T) => void; readonly note: Note | undefined }> | undefined;

  /** @param name the name of the listeners in the log */
  constructor(log: LogHandler, name: string) {
    this.#log = log;
    this.#name = name;
  }

  /**
   * @param note what {@link drop} finds the listener by
   * @returns a function that removes the listener
   */
  add(hear: (told: T) => void, note?: Note): () => void {
    const listener = { hear: inThisZone(hear), note };
    this.#all ??= new Set();
    this.#all.add(listener);
    return () => this.#all?.delete(listener);
  }

  tell(told: T): void {
    for (const { hear } of [...(this.#all ?? [])])
      callUser(() => hear(told), faultLog(this.#log, this.#name));
  }

  /** Removes the listeners whose note is to go. */
  drop(isToGo: (note: Note) => boolean): void {
    for (const one of this.#all ?? []) if (isToGo(one.note as Note)) this.#all?.delete(one);
  }

  clear(): void {
    this.#all = undefined;
  }
}
