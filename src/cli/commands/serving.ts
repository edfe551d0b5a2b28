import { Misuse } from '../failure.js';
import type { Io } from '../io.js';

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
