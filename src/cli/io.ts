import type { Clock } from '../clock.js';
import type { Paint } from './colour.js';

/** What a command needs from the process, besides the network. Tests pass their own. */
export interface Io {
  /** Writes a line to standard output: the result only. */
  out(text: string): void;
  /** Writes a line to standard error. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The whole standard input; null if it is a terminal. */
  stdin(): Promise<string | null>;
  /** Colours of standard output and standard error. Default: none. */
  readonly paint?: Paint;
  readonly paintError?: Paint;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Aborts when the user stops the command. */
  readonly signal: AbortSignal;
}
