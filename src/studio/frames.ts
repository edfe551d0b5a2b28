import { Budget } from './budget.js';
import type { Frame } from './messages.js';

/** How many protocol messages are kept. */
export const MOST_FRAMES = 200;

/** The names of the protocol's actions. @see TR2 */
const NAMES = [
  ...['HEARTBEAT', 'ACK', 'NACK', 'CONNECT', 'CONNECTED', 'DISCONNECT', 'DISCONNECTED', 'CLOSE', 'CLOSED'],
  ...['ERROR', 'ATTACH', 'ATTACHED', 'DETACH', 'DETACHED', 'PRESENCE', 'MESSAGE', 'SYNC', 'AUTH'],
  ...['ACTIVATE', 'OBJECT', 'OBJECT_SYNC', 'ANNOTATION', 'PING', 'PONG'],
] as const;

export const actionName = (action: number): string => NAMES[action] ?? `action ${action}`;

/** How many batches of messages are sent at once, and per second. Further ones are sent with the next. */
const MOST_BATCHES = 100;
const BATCHES_PER_SECOND = 20;

/** The last protocol messages, and those that were not sent to the page yet. */
export class Frames {
  readonly #budget: Budget;
  #all: Frame[] = [];
  #unsent: Frame[] = [];

  constructor(monotonic: () => number) {
    this.#budget = new Budget(MOST_BATCHES, BATCHES_PER_SECOND, monotonic);
  }

  get all(): readonly Frame[] {
    return this.#all.slice(-MOST_FRAMES);
  }

  add(frame: Frame): void {
    this.#all = lastFrames(this.#all, [frame]);
    this.#unsent = lastFrames(this.#unsent, [frame]);
  }

  /** The messages to send now. @param isUrgent whether something else is sent too */
  batch(isUrgent: boolean): readonly Frame[] {
    if (this.#unsent.length === 0 || !(this.#budget.spend(1) || isUrgent)) return [];
    return this.#unsent.splice(0);
  }
}

/** The list with more at its end, cut to the last messages now and then. */
export function lastFrames(frames: Frame[], more: readonly Frame[]): Frame[] {
  frames.push(...more.slice(-MOST_FRAMES));
  return frames.length > 2 * MOST_FRAMES ? frames.slice(-MOST_FRAMES) : frames;
}
