/** The three forms of a date in HTTP, all of which begin with the day of the week. */
const DATE = /^(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?\b/;

/**
 * How long a server asks to be left alone, in ms; undefined where it does not say.
 * @param wallNow ms since the epoch, for the form that is a date
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: Headers, wallNow: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) {
    const ms = Number(value) * 1_000;
    return Number.isSafeInteger(ms) ? ms : undefined;
  }
  // Date.parse() finds a date in nearly anything, "1.5" and "-5" among it.
  if (!DATE.test(value)) return undefined;
  const date = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallNow);
}
