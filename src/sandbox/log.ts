import type { WireError } from './fault.js';

/** An event at the service. It contains no secret. */
export type Happening =
  | {
      readonly type: 'request';
      readonly method: string;
      /** Without the query, which may contain credentials. */
      readonly path: string;
      readonly status: number;
      /** When the request was answered, ms since the epoch by the sandbox's clock. */
      readonly at: number;
    }
  | {
      /** `unanswered`: a fault leaves an AUTH without an answer, for now or for good. */
      readonly type:
        | 'connected'
        | 'reauthenticated'
        | 'unanswered'
        | 'asked'
        | 'dropped'
        | 'closed'
        | 'refused';
      /** null: refused before the connection had an id. */
      readonly connectionId: string | null;
      readonly clientId: string | null;
      readonly error?: WireError;
    };

/** A request over REST. */
export type RequestFacts = Extract<Happening, { readonly type: 'request' }>;

type Listener = (happening: Happening) => void;

/** How many requests are kept. */
const KEPT = 10_000;
const LONGEST_PATH = 500;

/** Keeps the requests, and reports events to the subscribers. */
export class Log {
  readonly #requests: RequestFacts[] = [];
  readonly #subscriptions = new Set<{ readonly listener: Listener }>();

  get requests(): readonly RequestFacts[] {
    return this.#requests;
  }

  report(happening: Happening): void {
    if (happening.type === 'request') {
      this.#requests.push({ ...happening, path: happening.path.slice(0, LONGEST_PATH) });
      if (this.#requests.length > KEPT) this.#requests.shift();
    }
    for (const { listener } of this.#subscriptions) {
      try {
        listener(happening);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  subscribe(listener: Listener): () => void {
    const subscription = { listener };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  dispose(): void {
    this.#subscriptions.clear();
  }
}
