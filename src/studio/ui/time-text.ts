import { spanText } from '../../client/duration-text.js';

/** Every time of the page has this form: 24 hours, with seconds, in the zone of the browser. */
const time = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** "16:50:54" */
export const timeText = (at: number): string => time.format(at);

/** "28 Nov 2026" */
export const dateText = (at: number): string => date.format(at);

/** "UTC+1": the zone of the browser at that time. */
export function zoneText(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** "28 Nov 2026, 16:50:54 (UTC+1)" */
export const momentText = (at: number): string => `${dateText(at)}, ${timeText(at)} (${zoneText(at)})`;

/** "9 s ago", or "9 s before" at a moment that is past */
export function agoText(
  at: number,
  { now, isLive }: { readonly now: number; readonly isLive: boolean },
): string {
  if (now - at < 1_000) return isLive ? 'just now' : 'at that moment';
  return `${spanText(Math.floor((now - at) / 1_000) * 1_000)} ${isLive ? 'ago' : 'before'}`;
}

/** A countdown in whole seconds. */
export const wholeSpan = (ms: number): string => spanText(Math.max(0, Math.ceil(ms / 1_000) * 1_000));
