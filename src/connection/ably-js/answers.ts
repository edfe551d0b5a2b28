/**
 * Finds out which AUTH an answer of the server belongs to.
 *
 * Answers have no id. Some come late, and some never come. A token counts as accepted at the first answer that
 * cannot belong to an older AUTH: after as many answers as there are older AUTHs without one.
 */
export interface Answers {
  /** AUTHs with older tokens: until when an answer may come, and whether it will certainly come. */
  readonly older: readonly { readonly until: number; readonly isSure: boolean }[];
  /** AUTHs with the newest token. */
  readonly sent: number;
  readonly isSure: boolean;
}

/** On a new transport, nothing of what was sent before can be answered. */
export const noAnswers: Answers = { older: [], sent: 0, isSure: true };

/** After so many timeouts without an answer, none will come. */
const LOST_AFTER = 5;

/** Whether the next answer may belong to an older token. */
export const isInDoubt = ({ older }: Answers, now: number): boolean => older.some(({ until }) => until > now);

/**
 * Which token the server answered: the newest, certainly an older one, perhaps an older one, or none. After
 * `perhaps` the newest token is sent again: the next answer decides.
 */
export function answered(
  { older, sent, isSure }: Answers,
  now: number,
): readonly [Answers, 'newest' | 'older' | 'perhaps' | 'nothing'] {
  const due = older.filter(({ until }) => until > now);
  if (due.length === 0)
    return [{ older: due, sent: Math.max(0, sent - 1), isSure }, sent > 0 ? 'newest' : 'nothing'];
  const areSure = due.every((one) => one.isSure);
  return [{ older: due.slice(1), sent, isSure: isSure && areSure }, areSure ? 'older' : 'perhaps'];
}

/** The wait for the newest token is over. It is an older token from now on. */
export function waitedFor(
  { older, sent, isSure }: Answers,
  isAccepted: boolean,
  now: number,
  timeoutMs: number,
): Answers {
  const until = now + (isAccepted ? 1 : LOST_AFTER) * timeoutMs;
  const added = Array.from({ length: sent }, () => ({ until, isSure: isAccepted && isSure }));
  return { ...noAnswers, older: [...older, ...added] };
}
