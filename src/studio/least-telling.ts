import type { Entry } from './messages.js';

/**
 * The session to drop if there are too many: one without trouble before others, then the one with the fewest entries,
 * then the oldest. So a program that is restarted again and again does not push out the session that says why.
 *
 * @param sessions the oldest first
 */
export function leastTelling<T>(
  sessions: readonly T[],
  entriesOf: (session: T) => readonly Entry[],
): T | undefined {
  const worth = sessions.map((session) => {
    const entries = entriesOf(session);
    return { session, hasTrouble: Number(entries.some(tellsTrouble)), count: entries.length };
  });
  worth.sort((a, b) => a.hasTrouble - b.hasTrouble || a.count - b.count);
  return worth[0]?.session;
}

const tellsTrouble = (entry: Entry): boolean =>
  (entry.kind === 'told' && entry.trouble !== undefined) ||
  (entry.kind === 'view' && entry.earlier !== undefined);
