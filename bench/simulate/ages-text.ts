import { type Cell, KINDS, mostFetches, SKEWS, SOURCES } from './ages.js';

/** The table of ages: in each cell the minutes with a dead token, the tokens issued, and how often the source was asked. */
export function agesText(cells: readonly Cell[]): string {
  const head = SKEWS.map((skew) => `clock ${skew > 0 ? '+' : ''}${skew} min`.padStart(20)).join('');
  const lines = SOURCES.flatMap((source) => [
    '',
    `${source.padEnd(20)}${head}`,
    ...KINDS.map((kind) => {
      const row = cells.filter((one) => one.source === source && one.kind === kind);
      return `  ${kind.padEnd(18)}${row.map((one) => textOf(one).padStart(20)).join('')}`;
    }),
  ]);
  const missing = cells.filter(({ misses }) => misses.length > 0);
  return [
    '',
    'ages: minutes of 360 in which a dead token was handed out / tokens issued / times the source was asked',
    ...lines,
    '',
    `?  no clue could tell the age   !  misses a limit: 0 minutes where a clue could tell, ${mostFetches('callback').toFixed(1)} tokens (${mostFetches('scheduled callback').toFixed(1)} of a schedule), as many questions, a fifth more with a cache`,
    ...missing.map(
      ({ source, kind, skew, misses }) => `   ${source}, ${kind}, ${skew} min: ${misses.join(', ')}`,
    ),
  ].join('\n');
}

const textOf = ({ dead, fetches, asks, couldTell, misses }: Cell): string =>
  `${dead}/${fetches}/${asks} ${couldTell ? ' ' : '?'}${misses.length > 0 ? '!' : ' '}`;
