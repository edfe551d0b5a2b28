import type { TokenFormat } from 'latchkey/server';

const formats: readonly TokenFormat[] = ['token-request', 'token', 'jwt'];

/** The names of the steps in which servers serve a token endpoint. */
export const servedBy = (...servers: readonly string[]): readonly string[] =>
  servers.flatMap((server) => formats.map((format) => `${format} served by ${server}`));
