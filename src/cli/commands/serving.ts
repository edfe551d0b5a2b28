import { Misuse } from '../failure.js';
import type { Io } from '../io.js';

/** Reads --port. @throws {Misuse} */
export function portFrom(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Misuse(
    `--port must be a port number; got ${JSON.stringify(text)}`,
    'Use a whole number from 0 to 65535.',
  );
}

/** Resolves when the user stops the command. */
export const stopped = ({ signal }: Io): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

/** Starts a server. @throws {Misuse} if the port is not available */
export async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (fault) {
    const code = (fault as { code?: unknown } | null)?.code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw fault;
    const why = code === 'EACCES' ? 'is not allowed for this user' : 'is in use';
    throw new Misuse(`port ${port} ${why}`, 'Use another one: --port 0 takes any free port.');
  }
}
