/**
 * Which AUTH the server answers.
 *
 * Answers bear no name; some come late, and some never. A token is accepted by the first answer that
 * cannot be to an older one: as many answers before it as there are older AUTHs without.
 */
export interface Answers {
  /** AUTHs with older tokens: when no answer is expected any more, and whether one surely comes. */
  readonly older: readonly { readonly until: number; readonly isSure: boolean }[];
  /** AUTHs with the newest token. */
  readonly sent: number;
  readonly isSure: boolean;
}

/** A transport knows nothing of what was sent on the one before. */
export const noAnswers: Answers = { older: [], sent: 0, isSure: true };

/** A server that did not answer in so many timeouts never will. */
const LOST_AFTER = 5;

/** Whether an answer that comes may be to an older token. */
export const isInDoubt = ({ older }: Answers, now: number): boolean => older.some(({ until }) => until > now);

/**
 * The server answered: the newest token, surely an older one, perhaps an older one, or nothing. After
 * `perhaps` the newest is to be sent again: the next answer says more.
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

/** The wait for the newest token is over: it is an older one from now on. */
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
