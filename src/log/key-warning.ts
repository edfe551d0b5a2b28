import { isPage } from '../platform/globals.js';
import type { LogHandler } from './log.js';

let isWarned = false;

/** Warns once that a page has an API key: everyone who opens the page can read it. */
export function warnOfKey(key: unknown, log: LogHandler): void {
  if (key === undefined || isWarned || !isPage()) return;
  isWarned = true;
  log(
    'the option key has an API key in it, and everyone who opens this page can read it: use authUrl or authCallback, with the key on a server.',
    'warn',
  );
}
