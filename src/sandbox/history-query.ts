import { Fault } from './fault.js';
import type { HistoryQuery } from './history.js';

const MOST = 1_000;
const USUAL = 100;

/** What a link repeats of the query that asked for it. */
const REPEATED = ['direction', 'limit', 'start', 'end', 'from', 'format'];
const LONGEST_VALUE = 16;

/** What of a channel's history is asked for. @throws {Fault} 40003. @see RSL2b */
export function readHistoryQuery(query: URLSearchParams): HistoryQuery {
  const direction = query.get('direction') ?? 'backwards';
  if (direction !== 'backwards' && direction !== 'forwards') {
    throw new Fault('invalid parameter value', 'direction is neither backwards nor forwards');
  }
  const limit = number(query, 'limit', USUAL);
  if (limit < 1 || limit > MOST) throw new Fault('invalid parameter value', `limit is not from 1 to ${MOST}`);
  return {
    direction,
    limit,
    start: number(query, 'start', 0),
    end: number(query, 'end', Number.POSITIVE_INFINITY),
    after: query.has('from') ? number(query, 'from', 0) : undefined,
  };
}

/** Where this page, the first one and the next one are. @see TG4 */
export function linksOf({ pathname, searchParams }: URL, next: number | undefined): string {
  // Relative to the path, as the SDK reads them: it takes the last word, and the query.
  const [resource = ''] = pathname.split('/').slice(-1);
  // No credentials, and nothing that makes the header long.
  const query = new URLSearchParams();
  for (const name of REPEATED) {
    const value = searchParams.get(name);
    if (value !== null && value.length <= LONGEST_VALUE) query.set(name, value);
  }
  const link = (rel: string, from: string | undefined) => {
    if (from === undefined) query.delete('from');
    else query.set('from', from);
    return `<./${resource}?${query}>; rel="${rel}"`;
  };
  const current = link('current', searchParams.get('from') ?? undefined);
  const first = link('first', undefined);
  return [current, first, ...(next === undefined ? [] : [link('next', String(next))])].join(', ');
}

function number(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,16}$/.test(text)) throw new Fault('invalid parameter value', `${name} is not a number`);
  return Number(text);
}
