import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';

/** The form of a control's name: the name is used in an address and in the page. */
export const CONTROL_NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** The page draws all controls. */
export const MOST_CONTROLS = 200;

/** The groups of controls. A group decides where the page draws a control, and how. */
export const CONTROL_GROUPS = ['client', 'event', 'fault', 'scenario', 'speed'] as const;

/**
 * Checks controls when the studio is made. Otherwise only the page would notice a mistake, and could not
 * report it to the program.
 *
 * @param taken names that are used already
 * @throws {ErrorInfo} 40003 names the control and the rule that it breaks
 */
export function checkControls(controls: unknown, taken: readonly string[]): void {
  if (!Array.isArray(controls)) throw invalidOption('controls', 'a list', controls);
  if (controls.length > MOST_CONTROLS)
    throw broken(`controls must be at most ${MOST_CONTROLS} controls; got ${controls.length}.`);
  const names = new Set(taken);
  for (const control of controls) {
    const { name, label, hint, group, run } = (control ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || !CONTROL_NAME.test(name))
      throw broken(
        `The name of a control must be 1 to 64 letters, digits, ".", "_" and "-", a letter first, such as "askForMore"; got ${shown(name)}.`,
      );
    const rule = (what: string) => broken(`The control ${shown(name)} needs ${what}.`);
    if (names.has(name)) throw rule('another name: this one is used already');
    names.add(name);
    if (typeof label !== 'string' || label === '') throw rule('a label: the text on its button');
    if (typeof hint !== 'string') throw rule('a hint: a text that says what it does');
    if (!CONTROL_GROUPS.some((one) => one === group))
      throw rule(`a group: one of ${CONTROL_GROUPS.join(', ')}`);
    if (typeof run !== 'function') throw rule('a function run, which performs it');
  }
}

const broken = (message: string): ErrorInfo => new ErrorInfo({ code: 40003, message });

function shown(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : typeof name;
}
