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
  /** Most lists stay empty, so this is made for the first listener. null: no listener is called any more. */
  #all: Set<{ readonly hear: (told: T) => void; readonly note: Note | undefined }> | null | undefined;

  /** @param name the name of the listeners in the log */
  constructor(log: LogHandler, name: string) {
    this.#log = log;
    this.#name = name;
  }

  /**
   * @param note what {@link tell} and {@link drop} select the listener by
   * @returns a function that removes the listener
   */
  add(hear: (told: T) => void, note?: Note): () => void {
    if (this.#all === null) return () => {};
    const listener = { hear: inThisZone(hear), note };
    this.#all ??= new Set();
    this.#all.add(listener);
    return () => this.#all?.delete(listener);
  }

  /**
   * Calls the listeners that there are at the beginning, also those that another one removes meanwhile (RTE6a).
   * @param isMeant selects them by their notes
   */
  tell(told: T, isMeant: (note: Note) => boolean = () => true): void {
    for (const { hear } of [...(this.#all ?? [])].filter(({ note }) => isMeant(note as Note))) {
      // A listener may have disposed of the list.
      if (this.#all === null) return;
      callUser(() => hear(told), faultLog(this.#log, this.#name));
    }
  }

  /** Removes the listeners whose note is to go. */
  drop(isToGo: (note: Note) => boolean): void {
    for (const one of this.#all ?? []) if (isToGo(one.note as Note)) this.#all?.delete(one);
  }

  /** Calls no listener any more. */
  dispose(): void {
    this.#all = null;
  }
}
