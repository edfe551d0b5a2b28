import { spanText } from '../client/duration-text.js';
import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../index.js';
import { shownAddress } from '../log/shown-address.js';
import { answerOf, type Reach, reachOf } from './reach.js';

/** A request, and what came of it. */
interface Seen {
  readonly address: string;
  readonly sentAt: number;
  outcome: { readonly thrown: unknown } | { readonly response: Response } | undefined;
}

/** Remembers the last request of a client, to say where and why it failed. */
export class SeenRequests {
  readonly fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #doctor: string;
  #last: Seen | undefined;

  /** @param doctor the command that examines the endpoint */
  constructor(fetch: typeof globalThis.fetch, clock: Clock, doctor: string) {
    this.#clock = clock;
    this.#doctor = doctor;
    this.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      const seen: Seen = { address, sentAt: clock.monotonic(), outcome: undefined };
      this.#last = seen;
      try {
        const response = await fetch(input, init);
        seen.outcome = { response };
        return response;
      } catch (thrown) {
        // A request that was given up has not failed: it had no answer yet.
        if (init?.signal?.aborted !== true) seen.outcome = { thrown };
        throw thrown;
      }
    };
  }

  /**
   * Why there is no token, by the last request; undefined: there was no request, or its answer may be good.
   *
   * @param error the error of the client, if there is one: it says whether the answer is at fault
   */
  failure(error?: ErrorInfo): Reach | undefined {
    const seen = this.#last;
    if (seen === undefined) return undefined;
    const { address, sentAt, outcome } = seen;
    if (outcome === undefined) {
      const waited = spanText(this.#clock.monotonic() - sentAt);
      return {
        observed: `${shownAddress(address)} has not answered for ${waited}`,
        remedy: 'Find out what the server waits for, such as a database or another service.',
      };
    }
    if ('thrown' in outcome) return reachOf(outcome.thrown, address);
    const { response } = outcome;
    const isAtFault = error !== undefined && (error.origin === 'source' || error.code === 40170);
    if (response.ok && !isAtFault) return undefined;
    if (error?.reason === 'unreachable') {
      return {
        observed: `${shownAddress(address)} breaks off in the middle of its answer`,
        remedy: 'Read the log of the server, and of the proxies before it.',
      };
    }
    return answerOf(response, address, this.#doctor);
  }
}
