import { Fault } from './fault.js';
import type { HistoryQuery } from './history.js';

const MOST = 1_000;
const USUAL = 100;

/** The parameters that a link repeats. */
const REPEATED = ['direction', 'limit', 'start', 'end', 'from', 'format'];
const LONGEST_VALUE = 16;

/** Reads the query of a history request. @throws {Fault} 40003. @see RSL2b */
export function readHistoryQuery(query: URLSearchParams): HistoryQuery {
  const direction = query.get('direction') ?? 'backwards';
  if (direction !== 'backwards' && direction !== 'forwards') {
    throw new Fault('invalid parameter value', 'direction must be backwards or forwards');
  }
  const limit = number(query, 'limit', USUAL);
  if (limit < 1 || limit > MOST)
    throw new Fault('invalid parameter value', `limit must be from 1 to ${MOST}`);
  return {
    direction,
    limit,
    start: number(query, 'start', 0),
    end: number(query, 'end', Number.POSITIVE_INFINITY),
    after: query.has('from') ? number(query, 'from', 0) : undefined,
  };
}

/** The links to this page, the first page and the next page. @see TG4 */
export function linksOf({ pathname, searchParams }: URL, next: number | undefined): string {
  // Relative to the path, as the SDK reads links: it uses the last segment and the query.
  const [resource = ''] = pathname.split('/').slice(-1);
  // Without credentials, and without values that make the header long.
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
  if (!/^\d{1,16}$/.test(text)) throw new Fault('invalid parameter value', `${name} must be a whole number`);
  return Number(text);
}
