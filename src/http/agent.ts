/** The name and version of this library, sent with each request. @see RSC7d */
export const AGENT = 'latchkey/0.1.0';

/** The agent of a client: this library, then the programs that use it. */
export const agentWith = (...programs: readonly (string | undefined)[]): string =>
  [AGENT, ...programs].filter(Boolean).join(' ');
