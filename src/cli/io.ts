import type { Clock } from '../clock.js';

/** What a command has to do with the world besides the network: a port, for tests bring their own. */
export interface Io {
  /** Standard output: what was asked for, and nothing else. A line end is added. */
  out(text: string): void;
  /** Standard error. A line end is added. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All of standard input; null where that is a terminal. */
  stdin(): Promise<string | null>;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Aborts when the user has had enough. */
  readonly signal: AbortSignal;
}
