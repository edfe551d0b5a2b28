import { boundedWaitMs } from '../errors/error-info.js';

/**
 * The time at which an answer was sent to this client, by the clock of its server: its `Date`, and the time that it lay in
 * a cache since. ms since the epoch; undefined: it does not say.
 * @see RFC 9110, section 6.6.1; RFC 9111, section 5.1
 */
export function sentAt(headers: Pick<Headers, 'get'>): number | undefined {
  const date = dateIn(headers.get('date'));
  const age = headers.get('age')?.trim() ?? '';
  return date === undefined ? undefined : date + (/^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0);
}

/** All three forms of a date in HTTP begin with the day of the week. */
const DATE = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?\b/;

/**
 * The wait that the header `Retry-After` asks for, ms, at most one hour. undefined: there is no such header. A
 * date is compared with the `Date` of the answer, because the local clock may be wrong.
 * @param wallNow the local time, ms since the epoch, used if the answer has no `Date`
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: Pick<Headers, 'get'>, wallNow: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return boundedWaitMs(Number(value) * 1_000);
  const date = dateIn(value);
  return date === undefined ? undefined : boundedWaitMs(date - (dateIn(headers.get('date')) ?? wallNow));
}

/** ms since the epoch. undefined: no date of HTTP. Date.parse() alone would accept "1.5" and "-5". */
function dateIn(given: string | null): number | undefined {
  const text = given?.trim() ?? '';
  if (!DATE.test(text)) return undefined;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
