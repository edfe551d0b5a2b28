import type { Figures, World } from './world.js';

/** One way to use a stack. */
export interface Row {
  /** The package and its version. */
  readonly stack: string;
  /** Latchkey, or what the documentation of the stack recommends: its best variant. */
  readonly way: 'latchkey' | 'documentation';
  /** The page of the documentation, and the day on which it was read. */
  readonly page?: { readonly url: string; readonly date: string };
  /** false: the server cannot say that it refuses the token of a live connection, so there are no refusals. Default: true. */
  readonly saysWhy?: boolean;
  /**
   * Starts the real server and a client of it, whose tokens come from `world.fetchToken()`.
   * @returns ends both
   */
  start(world: World): Promise<() => void | Promise<void>>;
}

/** The figures of one way, over all its clients. */
export interface Result extends Figures {
  /** Calls of the source for each minute in which a client was connected. */
  readonly callsPerConnectedMinute: number;
  readonly stack: string;
  readonly way: Row['way'];
  readonly page?: Row['page'];
}
