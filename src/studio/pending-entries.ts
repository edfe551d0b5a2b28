import type { Entry, View } from './messages.js';

/** An entry before it has a number and a time. */
export type NewEntry = Entry extends infer One ? (One extends Entry ? Omit<One, 'n' | 'at'> : never) : never;

/** An entry that waits until its effect is visible. */
export interface PendingEntry {
  readonly made: NewEntry;
  /** The states that a step made active. More steps may follow in the same turn. */
  readonly active: View['active'];
  /** Whether the actor shows the result of the step. */
  readonly isOver: () => boolean;
}
