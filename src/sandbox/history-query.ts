import { Fault } from './fault.js';
import type { HistoryQuery } from './history.js';
import type { Message } from './protocol.js';

const MOST = 1_000;
const USUAL = 100;

/** The parameters that a link repeats. */
const REPEATED = [
  'direction',
  'limit',
  'start',
  'end',
  'from',
  'from_serial',
  'format',
  'envelope',
  'clientId',
  'connectionId',
];
const LONGEST_VALUE = 250;

/** Reads the query of a history request. @throws {Fault} 40003. @see RSL2b */
export function readHistoryQuery(query: URLSearchParams): HistoryQuery {
  const direction = query.get('direction') ?? 'backwards';
  if (direction !== 'backwards' && direction !== 'forwards') {
    throw new Fault('invalid parameter value', 'direction must be backwards or forwards');
  }
  const upTo = query.has('from_serial') ? number(query, 'from_serial', 0) : undefined;
  if (upTo !== undefined && direction !== 'backwards')
    throw new Fault('invalid parameter value', 'direction must be backwards for a history until the attach');
  return {
    direction,
    limit: readLimit(query),
    start: number(query, 'start', 0),
    end: number(query, 'end', Number.POSITIVE_INFINITY),
    after: query.has('from') ? number(query, 'from', 0) : undefined,
    upTo,
  };
}

/** The page of presence members that a query asks for. @throws {Fault} 40003. @see RSP3a */
export function presencePage(
  members: readonly Message[],
  query: URLSearchParams,
): { readonly members: readonly Message[]; readonly next: number | undefined } {
  const wanted = ['clientId', 'connectionId'].reduce((left, name) => {
    const value = query.get(name);
    if (value === null) return left;
    if (value.length > LONGEST_VALUE)
      throw new Fault('invalid parameter value', `${name} must have at most ${LONGEST_VALUE} characters`);
    return left.filter((member) => member[name] === value);
  }, members);
  const from = number(query, 'from', 0);
  const next = from + readLimit(query);
  return { members: wanted.slice(from, next), next: next < wanted.length ? next : undefined };
}

function readLimit(query: URLSearchParams): number {
  const limit = number(query, 'limit', USUAL);
  if (limit < 1 || limit > MOST)
    throw new Fault('invalid parameter value', `limit must be from 1 to ${MOST}`);
  return limit;
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
