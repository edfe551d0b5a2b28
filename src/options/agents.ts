import { invalidOption, record } from '../checks/option-checks.js';

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
      const program = `${name}/${version ?? ''}`;
      if (/^[\w.+-]+\/[\w.+-]*$/.test(program)) return program.replace(/\/$/, '');
      throw invalidOption(
        `agents: ${JSON.stringify(name)}`,
        'a name and version of letters, digits and ._+-',
        version,
      );
    })
    .join(' ') || undefined;
