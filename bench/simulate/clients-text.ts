import type { ClientWeek } from './clients.js';

const COLUMNS = {
  asked: 'asked',
  dead: 'dead token',
  ofAnother: 'other user',
  switches: 'users',
  sourceCalls: 'source calls',
  issued: 'tokens',
  transports: 'transports',
  deadTransports: 'expired token',
  knownDead: 'given up',
} as const;

/** One line for each client: minutes, calls and transports of its week. */
export const clientsText = (weeks: readonly ClientWeek[]): string =>
  [
    '',
    'a week of one client, hour-long tokens: minutes in which it asked, and in which it got a token that had expired or was',
    'of another user; transports that were opened, also with an expired token, and with one that the client had given up',
    `  ${'seed, client'.padEnd(40)}${Object.values(COLUMNS)
      .map((name) => name.padStart(14))
      .join('')}`,
    ...weeks.map(lineOf),
    '?  no clue could tell the age   !  misses a limit: all of these are 0',
  ].join('\n');

function lineOf(one: ClientWeek): string {
  const cells = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map((name) =>
    one[name].toLocaleString('en').padStart(14),
  );
  const marks = `${one.couldTell ? ' ' : '?'}${one.misses.length > 0 ? '!' : ''}`;
  return `  ${`${one.seed}  ${one.name}`.padEnd(40)}${cells.join('')} ${marks}`;
}
