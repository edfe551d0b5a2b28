import { Misuse } from './failure.js';

/**
 * Parses the number of a port.
 *
 * @param least 0 for a port to listen on, where 0 means any free port; 1 for a port to connect to
 * @param name the option or the variable that the text comes from
 * @throws {Misuse}
 */
export function portFrom(text: string, least: 0 | 1, name = '--port'): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= 65_535) return number;
  throw new Misuse(
    `${name} must be a port number; got ${JSON.stringify(text)}`,
    `Use a whole number from ${least} to 65535${least === 0 ? '; 0 means any free port' : ''}.`,
  );
}
