import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';

/** Of what the name of a control is made: it stands in an address, and in the page. */
export const CONTROL_NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** Where a control stands in the page, and how it is drawn. */
export const CONTROL_GROUPS = ['client', 'event', 'fault', 'scenario', 'speed'] as const;

/**
 * Checks controls where they are given: what is wrong with one would otherwise be noticed by a page
 * elsewhere, which could say nothing of it.
 *
 * @param taken names that are not free
 * @throws {ErrorInfo} 40003 with the rule that one of them breaks
 */
export function checkControls(controls: unknown, taken: readonly string[]): void {
  if (!Array.isArray(controls)) throw invalidOption('controls', 'a list', controls);
  const names = new Set(taken);
  for (const control of controls) {
    const { name, label, hint, group, run } = (control ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !CONTROL_NAME.test(name))
      throw broken(
        `The name of a control is 1 to 64 letters, digits, ".", "_" and "-", a letter first, as "askForMore": not ${shown(name)}.`,
      );
    const rule = (what: string) => broken(`The control ${shown(name)} needs ${what}.`);
    if (names.has(name)) throw rule('a name of its own: there is one of this name');
    names.add(name);
    if (typeof label !== 'string' || label === '') throw rule('a label, the text on its button');
    if (typeof hint !== 'string') throw rule('a hint, a text that says what it does');
    if (!CONTROL_GROUPS.some((one) => one === group))
      throw rule(`a group, one of ${CONTROL_GROUPS.join(', ')}`);
    if (typeof run !== 'function') throw rule('a function run, which does it');
  }
}

const broken = (message: string): ErrorInfo => new ErrorInfo({ code: 40003, message });

function shown(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : `a ${typeof name}`;
}
