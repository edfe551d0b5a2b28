import { invalidArgument, invalidOption, record } from '../checks/option-checks.js';

/** Names and versions of programs. No version: `''`. */
export type Agents = Readonly<Record<string, string | null | undefined>>;

/**
 * The programs as `name/version`, separated by spaces. undefined: there are none.
 * @throws {ErrorInfo} 40003: a name or a version is invalid
 * @see RSC7d6, CSV2b
 */
export const parseAgents = (given: Agents = {}): string | undefined =>
  Object.entries(record('agents', given))
    .map(([name, version]) => {
      const shown = JSON.stringify(name);
      if (name === '') throw invalidArgument('agents has an empty name', ALLOWED);
      checkLetters(`agents: the name ${shown}`, name);
      const whose = `agents: the version of ${shown}`;
      if (typeof (version ?? '') !== 'string') throw invalidOption(whose, 'a string', version);
      if (!version) return name;
      checkLetters(whose, version);
      return `${name}/${version}`;
    })
    .join(' ') || undefined;

const ALLOWED = 'Use letters from a to z, digits, and the characters . _ + -';

function checkLetters(whose: string, text: string): void {
  const wrong = [...text].find((letter) => !/[\w.+-]/.test(letter));
  if (wrong !== undefined)
    throw invalidArgument(`${whose} has the character ${JSON.stringify(wrong)}`, ALLOWED);
}
