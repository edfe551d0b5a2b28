import type { Auth, AuthEventName, Clock } from '../index.js';
import type { Happening, Sandbox } from '../sandbox/index.js';
import { describedEvents, type Payload } from '../studio/words.js';

type Recorded = {
  readonly [Name in AuthEventName]: {
    readonly from: 'client';
    readonly name: Name;
    readonly at: number;
    readonly payload: Payload<Name>;
  };
}[AuthEventName];

interface FromService {
  readonly from: 'service';
  readonly at: number;
  readonly happening: Happening;
}

/** The expected event did not happen in time. */
export class NotObserved extends Error {
  override readonly name = 'NotObserved';
}

/** Records the events of a client and a service, and waits for conditions. Times are wall time, ms. */
export class Watch {
  readonly #clock: Clock;
  readonly #undo: (() => void)[];
  readonly #waiting = new Set<() => void>();
  #records: readonly (Recorded | FromService)[] = [];

  constructor(auth: Auth, sandbox: Sandbox, clock: Clock) {
    this.#clock = clock;
    this.#undo = describedEvents.map((name) =>
      auth.on(name, ((payload: never) =>
        this.#add({ from: 'client', name, at: clock.now(), payload } as Recorded)) as never),
    );
    this.#undo.push(
      sandbox.subscribe((happening) => this.#add({ from: 'service', at: clock.now(), happening })),
    );
  }

  /** The number of records, to look only at later ones. */
  get count(): number {
    return this.#records.length;
  }

  /** The client's events of this name, from record number `since` on. */
  events<Name extends AuthEventName>(name: Name, since = 0): { at: number; payload: Payload<Name> }[] {
    return this.#records
      .slice(since)
      .flatMap((record) =>
        record.from === 'client' && record.name === name
          ? [{ at: record.at, payload: record.payload as Payload<Name> }]
          : [],
      );
  }

  happenings(since = 0): Happening[] {
    return this.#records
      .slice(since)
      .flatMap((record) => (record.from === 'service' ? [record.happening] : []));
  }

  /**
   * Calls `look` now and after each record, until it returns a value.
   *
   * @throws {NotObserved} if `look` returns nothing within `ms`
   */
  until<T>(what: string, ms: number, look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(attempt);
        reject(new NotObserved(`${what}: not seen within ${ms} ms`));
      }, ms);
      const attempt = () => {
        const found = look();
        if (found === undefined || found === false) return;
        this.#waiting.delete(attempt);
        this.#clock.clearTimeout(timer);
        resolve(found);
      };
      this.#waiting.add(attempt);
      attempt();
    });
  }

  dispose(): void {
    for (const undo of this.#undo) undo();
  }

  #add(record: Recorded | FromService): void {
    this.#records = [...this.#records, record];
    // A record may be made in the middle of a step, so the callers look at the end of the turn.
    queueMicrotask(() => {
      for (const attempt of [...this.#waiting]) attempt();
    });
  }
}
