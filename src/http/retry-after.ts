/**
 * How long a server asks to be left alone, in ms; undefined where it does not say.
 * @param wallNow ms since the epoch, for the form that is a date
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: Headers, wallNow: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallNow);
}
