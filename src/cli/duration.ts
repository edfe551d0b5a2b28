import { Misuse } from './failure.js';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Parses a duration: `90s`, `20m`, `1.5h`. A number alone is ms, as in Ably's API.
 *
 * @throws {Misuse}
 */
export function durationMs(name: string, text: string): number {
  const [, number = '', unit = 'ms'] = /^(\d+(?:\.\d+)?)([a-z]+)?$/.exec(text) ?? [];
  const ms = number === '' ? Number.NaN : Math.round(Number(number) * (UNITS[unit] ?? Number.NaN));
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new Misuse(
    `${name} must be a duration; got ${JSON.stringify(text)}`,
    'Use 90s, 20m or 1h, or a number of ms.',
  );
}
