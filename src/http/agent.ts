import { invalidArgument, record } from '../checks/option-checks.js';

/** The name and version of this library, sent with each request. @see RSC7d */
export const AGENT = 'latchkey/0.1.0';

/** The agent of a client: this library, then the programs that use it. */
export const agentWith = (...programs: readonly (string | undefined)[]): string =>
  [AGENT, ...programs].filter(Boolean).join(' ');

/** A name or a version: a token of HTTP. @see RFC 9110, section 5.6.2 */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The programs as `name/version`, separated by spaces.
 * @throws {ErrorInfo} 40003: a name or a version is invalid
 * @see RSC7d6, CSV2b
 */
export function parseAgents(
  given: Readonly<Record<string, string | null | undefined>> | undefined,
): string | undefined {
  const programs = Object.entries(given === undefined ? {} : record('agents', given)).map(
    ([name, version]) => {
      const isFit = (part: unknown) => typeof part === 'string' && TOKEN.test(part);
      if (!isFit(name) || !isFit(version || 'none'))
        throw invalidArgument(
          `agents has an invalid name or version at ${JSON.stringify(name)}`,
          "Use letters, digits and -._+ only, as in { 'my-app': '1.0.0' }; '' for no version.",
        );
      return version ? `${name}/${version}` : name;
    },
  );
  return programs.join(' ') || undefined;
}
