import { boundedWaitMs } from '../errors/error-info.js';

/** The three forms of a date in HTTP, all of which begin with the day of the week. */
const DATE = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?\b/;

/**
 * How long a server asks to be left alone, in ms, an hour at most; undefined where it does not say. A date is
 * counted from the answer's own `Date`: the local clock may be wrong.
 * @param wallNow ms since the epoch, for a date in an answer without one of its own
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: Pick<Headers, 'get'>, wallNow: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return boundedWaitMs(Number(value) * 1_000);
  const date = dateIn(value);
  return date === undefined ? undefined : boundedWaitMs(date - (dateIn(headers.get('date')) ?? wallNow));
}

/** ms since the epoch; undefined where it is none. Date.parse() finds one in nearly anything, "1.5" and "-5" among it. */
function dateIn(given: string | null): number | undefined {
  const text = given?.trim() ?? '';
  if (!DATE.test(text)) return undefined;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
